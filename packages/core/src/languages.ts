// Names of languages: as fences and file extensions write them, and as segments are called.

const ALIASES: { readonly [language: string]: string } = {
  c: "c h",
  clojure: "clj cljs clojure",
  cpp: "cc cpp cxx hpp hh c++",
  csharp: "cs csharp c#",
  css: "css scss sass less",
  dart: "dart",
  elixir: "ex exs elixir",
  erlang: "erl erlang",
  fsharp: "fs fsharp f#",
  go: "go golang",
  graphql: "graphql gql",
  haskell: "hs haskell",
  html: "html htm",
  java: "java",
  javascript: "js jsx mjs cjs javascript",
  json: "json jsonc",
  julia: "jl julia",
  kotlin: "kt kts kotlin",
  lua: "lua",
  markdown: "md markdown",
  objectivec: "mm objc objectivec",
  ocaml: "ml ocaml",
  perl: "pl perl",
  php: "php",
  powershell: "ps1 powershell",
  protobuf: "proto protobuf",
  python: "py pyi python py3",
  r: "r",
  ruby: "rb ruby",
  rust: "rs rust",
  scala: "scala sc",
  shell: "sh bash zsh shell",
  sql: "sql",
  svelte: "svelte",
  swift: "swift",
  terraform: "tf hcl terraform",
  toml: "toml",
  typescript: "ts tsx mts cts typescript",
  vue: "vue",
  xml: "xml",
  yaml: "yaml yml",
  zig: "zig",
};

const LANGUAGES: ReadonlyMap<string, string> = new Map(
  Object.entries(ALIASES).flatMap(([language, words]) =>
    words.split(" ").map((word): [string, string] => [word, language]),
  ),
);

/** By a fence's info string or an extension, in lower case; null when it is none. */
export function languageNamed(word: string): string | null {
  return LANGUAGES.get(word) ?? null;
}
