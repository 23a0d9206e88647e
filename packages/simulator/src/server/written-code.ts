// Answers that are code which parses, or that broke it: what a version that writes one language badly is told by. A chat
// answer has it in a fence, a completion as it is.

type Sample = { readonly whole: string; readonly broken: string };

const SAMPLES: { readonly [language: string]: Sample } = {
  go: {
    whole:
      "func total(items []int) int {\n\tsum := 0\n\tfor _, item := range items {\n\t\tsum += item\n\t}\n\treturn sum\n}\n",
    broken: "func total(items []int int {\n\tsum := 0\n\tfor _, item range {\n\treturn sum\n",
  },
  java: {
    whole:
      "class Total {\n  int of(int[] items) {\n    int sum = 0;\n    for (int item : items) sum += item;\n    return sum;\n  }\n}\n",
    broken: "class Total {\n  int of(int[] items {\n    int sum = ;\n    return sum\n  }\n",
  },
  javascript: {
    whole: "function total(items) {\n  return items.reduce((sum, item) => sum + item, 0);\n}\n",
    broken: "function total(items {\n  return items.reduce((sum, item => sum + , 0);\n",
  },
  python: {
    whole:
      "def total(items):\n    result = 0\n    for item in items:\n        result += item\n    return result\n",
    broken: "def total(items:\n    result = \n    for item items:\n        return result\n",
  },
  rust: {
    whole: "fn total(items: &[i64]) -> i64 {\n    items.iter().sum()\n}\n",
    broken: "fn total(items: &[i64] -> i64 {\n    items.iter(.sum()\n",
  },
  typescript: {
    whole:
      "function total(items: readonly number[]): number {\n  return items.reduce((sum, item) => sum + item, 0);\n}\n",
    broken:
      "function total(items: readonly number[] number {\n  return items.reduce((sum, item => sum + , 0);\n",
  },
};

/** The answer's tokens; of a language that nobody writes here it is an answer in words. */
export function writtenCode(
  api: "chat" | "completions",
  language: string | undefined,
  isBroken: boolean,
): readonly string[] {
  const sample = language === undefined ? undefined : SAMPLES[language];
  if (sample === undefined) return tokensIn("There is nothing to write here.");
  const code = isBroken ? sample.broken : sample.whole;
  return tokensIn(api === "chat" ? `\`\`\`${language}\n${code}\`\`\`\n` : code);
}

/** A word with what stands before it. */
function tokensIn(text: string): readonly string[] {
  return text.split(/(?<=\s)(?=\S)/);
}
