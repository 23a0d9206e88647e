// The figures of the guards' cases that a page shows: a case that is measured again replaces itself alone.
import { hasFields, keepLines, linesKeptIn } from "../kept-lines.ts";
import type { Figures } from "./figures.ts";

/** `docs/page.md` has them in `docs/page-guards.jsonl`, one case a line. */
export function figuresFileOf(page: string): string {
  return page.replace(/(\.md)?$/, "-guards.jsonl");
}

/** What the file has, with these in the place of their own, in the order of `names`; it is written, too. Other names go. */
export function mergedFigures(
  file: string,
  measured: readonly Figures[],
  names: readonly string[],
): readonly Figures[] {
  const known = linesKeptIn(file, isFigures);
  const all = new Map([...known, ...measured].map((figures) => [figures.name, figures]));
  const merged = names.flatMap((name) => all.get(name) ?? []);
  keepLines(file, merged);
  return merged;
}

function isFigures(value: unknown): value is Figures {
  return hasFields(value, { name: "string", seeds: "number", rolledBack: "number" });
}
