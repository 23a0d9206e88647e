// The languages that there are, and which of them a reader wants.

import { EN } from "./en.ts";
import { JA } from "./ja.ts";
import { KO } from "./ko.ts";
import type { Strings } from "./strings.ts";
import { ZH } from "./zh.ts";

/** The first is everybody's who asks for none of them. */
export const LANGUAGES: readonly Strings[] = [EN, KO, JA, ZH];

const WANTED_MAX = 20;

/** By an Accept-Language header: `ko-KR,ko;q=0.9,en;q=0.8`. */
export function languageFor(header: string): string {
  const wanted = header
    .split(",", WANTED_MAX)
    .map((part) => {
      const [tag = "", ...parameters] = part.trim().toLowerCase().split(";");
      const q = parameters.map((text) => /^\s*q=([\d.]+)\s*$/.exec(text)?.[1]).find(Boolean);
      return { tag: tag.split("-")[0] ?? "", q: q === undefined ? 1 : Number(q) };
    })
    .filter(({ q }) => q > 0)
    .sort((a, b) => b.q - a.q);
  const found = wanted.find(({ tag }) => LANGUAGES.some((language) => language.tag === tag));
  return found?.tag ?? EN.tag;
}
