// Parses code by the grammars of tree-sitter, compiled to WebAssembly: one parser a language, loaded when first needed.

import { createRequire } from "node:module";
import type { Parser, Tree } from "web-tree-sitter";
import type { ParseCode, ParsedCode } from "../parse.ts";

/** What a language is called, and its grammar in `@vscode/tree-sitter-wasm`. */
const GRAMMARS: Readonly<Record<string, string>> = {
  bash: "bash",
  c: "cpp",
  cpp: "cpp",
  csharp: "c-sharp",
  css: "css",
  go: "go",
  java: "java",
  javascript: "javascript",
  javascriptreact: "javascript",
  php: "php",
  powershell: "powershell",
  python: "python",
  ruby: "ruby",
  rust: "rust",
  shell: "bash",
  shellscript: "bash",
  tsx: "tsx",
  typescript: "typescript",
  typescriptreact: "tsx",
};

export const PARSED_LANGUAGES: readonly string[] = Object.keys(GRAMMARS);

/** Longer code is not an answer that a person waits for. */
const CODE_CHARACTERS_MAX = 1_000_000;

const find = createRequire(import.meta.url);

/** Begun a second time it would forget the memory of every parser that there is. */
let begun: Promise<void> | null = null;

/** Null for a language without a grammar. */
export async function parserOf(language: string): Promise<Parser | null> {
  const grammar = Object.hasOwn(GRAMMARS, language) ? GRAMMARS[language] : undefined;
  if (grammar === undefined) return null;
  // Loaded when first needed: most commands parse nothing.
  const { Language, Parser } = await import("web-tree-sitter");
  begun ??= Parser.init();
  await begun;
  const parser = new Parser();
  const file = find.resolve(`@vscode/tree-sitter-wasm/wasm/tree-sitter-${grammar}.wasm`);
  parser.setLanguage(await Language.load(file));
  return parser;
}

/** Loads the grammars of these languages; one that is asked for and was not loaded is told as unparsed. */
export async function treeSitter(languages: readonly string[]): Promise<ParseCode> {
  const parsers = new Map<string, Parser>();
  for (const language of new Set(languages)) {
    const parser = await parserOf(language);
    if (parser !== null) parsers.set(language, parser);
  }
  return (language, code) => {
    const parser = parsers.get(language);
    if (parser === undefined) {
      const known = PARSED_LANGUAGES.join(", ");
      return { kind: "unparsed", because: `no grammar for ${language}; there are ${known}` };
    }
    if (code.length > CODE_CHARACTERS_MAX) {
      return { kind: "unparsed", because: `longer than ${CODE_CHARACTERS_MAX} characters` };
    }
    const tree = parser.parse(code);
    if (tree === null) return { kind: "unparsed", because: "the parser gave up" };
    try {
      return counted(tree);
    } finally {
      tree.delete();
    }
  };
}

function counted(tree: Tree): ParsedCode {
  const cursor = tree.walk();
  let [nodes, errors] = [0, 0];
  for (let ended = false; !ended; ) {
    nodes++;
    if (cursor.nodeType === "ERROR" || cursor.nodeIsMissing) errors++;
    if (cursor.gotoFirstChild() || cursor.gotoNextSibling()) continue;
    do ended = !cursor.gotoParent();
    while (!ended && !cursor.gotoNextSibling());
  }
  cursor.delete();
  return { kind: "parsed", nodes, errors };
}
