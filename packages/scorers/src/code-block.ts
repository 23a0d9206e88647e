// Finds the code in an answer, and puts it where it belongs: chat models wrap code in fences and often repeat what
// they were asked to continue; completion models do neither.

import type { CodeContext } from "@slipway/core";

const FENCE = "```";

/** What stands in the first fence, its language left out; null for an answer without one. An open fence ends with the text. */
export function fencedBlock(text: string): string | null {
  const open = text.indexOf(FENCE);
  if (open === -1) return null;
  const start = text.indexOf("\n", open);
  if (start === -1) return null;
  const close = text.indexOf(`\n${FENCE}`, start);
  return text.slice(start + 1, close === -1 ? text.length : close + 1);
}

/** What the first fence says that it is, in lower case; null where it says nothing. */
export function fencedLanguage(text: string): string | null {
  const open = text.indexOf(FENCE);
  if (open === -1) return null;
  const end = text.indexOf("\n", open);
  if (end === -1) return null;
  const [word = ""] = text
    .slice(open + FENCE.length, end)
    .trim()
    .split(/[\s{]/, 1);
  return word === "" ? null : word.toLowerCase();
}

/** The answer's code within its context. `entryPoint`: an answer that declares it has repeated the context. */
export function spliced(
  text: string,
  { before, after }: CodeContext,
  entryPoint: string | null,
): string {
  const code = fencedBlock(text) ?? text;
  if (entryPoint !== null && declares(code, entryPoint)) return `${code}\n${after}`;
  return `${before}${code}${after}`;
}

const DECLARATIONS = ["function", "const", "let", "var", "class", "def"];

function declares(code: string, name: string): boolean {
  return DECLARATIONS.some((word) => {
    const at = code.indexOf(`${word} ${name}`);
    if (at === -1) return false;
    const next = code[at + word.length + 1 + name.length];
    return next === undefined || !/[\w$]/.test(next);
  });
}
