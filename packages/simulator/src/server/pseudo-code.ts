// The text of simulated answers: tokens that look like code, the same for the same seed and place.

const WORDS: readonly string[] = [
  "const ",
  "value",
  " = ",
  "await ",
  "fetch",
  "(",
  "items",
  ".map",
  "(",
  "item",
  " => ",
  "item",
  ".id",
  ")",
  ";\n",
  "if ",
  "(",
  "!",
  "result",
  ") ",
  "return ",
  "null",
  ";\n",
  "for ",
  "(",
  "let ",
  "i",
  " = ",
  "0",
  "; ",
  "i",
  " < ",
  "count",
  "; ",
  "i++",
  ") ",
  "{\n",
  "}\n",
  "function ",
  "parse",
  "(",
  "text",
  ": ",
  "string",
  ")",
  " {\n",
  "  ",
  "throw ",
  "new ",
  "Error",
  "(",
  "message",
  ")",
  "export ",
  "type ",
  "Options",
  " = ",
  "readonly ",
];

/** The token at a place of an answer. */
export function pseudoToken(seed: number, index: number): string {
  const start = Math.imul(seed ^ (index >>> 3), 0x9e3779b1) >>> 8;
  return WORDS[(start + index) % WORDS.length] ?? ";";
}

const REFUSAL = "I'm sorry, but I can't assist with that.";
/** The words of a refusal, one token each. */
export const REFUSAL_TOKENS: readonly string[] = REFUSAL.split(/(?= )/);
