// What live answers are scored with, on a real machine: grammars and checkers of names, each loaded when a language is
// first seen, and kept.

import type { LiveInstruments } from "../live.ts";
import type { CheckNames } from "../names.ts";
import { pythonNames } from "./python-names.ts";
import { PARSED_LANGUAGES, treeSitter } from "./tree-sitter.ts";
import { typescriptNames } from "./typescript-names.ts";

const CHECKERS: { readonly [language: string]: () => Promise<CheckNames> } = {
  python: pythonNames,
  typescript: typescriptNames,
};

/** A language whose files are also written in another grammar. */
const GRAMMARS_OF: { readonly [language: string]: readonly string[] } = {
  typescript: ["typescript", "tsx"],
};

export function liveInstruments(): LiveInstruments {
  return {
    parser: kept(async (language) =>
      PARSED_LANGUAGES.includes(language)
        ? await treeSitter(GRAMMARS_OF[language] ?? [language])
        : null,
    ),
    names: kept(async (language) => (await CHECKERS[language]?.()) ?? null),
  };
}

/** Languages are those that Slipway knows: as many as that, and no more, are kept. */
function kept<T>(load: (language: string) => Promise<T>): (language: string) => Promise<T> {
  const loaded = new Map<string, Promise<T>>();
  return (language) => {
    const known = loaded.get(language) ?? load(language);
    loaded.set(language, known);
    return known;
  };
}
