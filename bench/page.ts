// Puts figures into a page of the documentation, between the two comments that mark their place.
import { readFileSync, writeFileSync } from "node:fs";

/** `topic` is a word of --only; the rest of the page stays as it is. */
export function writeFigures(file: string, topic: string, text: string): void {
  const [begin, end] = [`<!-- figures: ${topic} -->`, `<!-- end of figures: ${topic} -->`];
  const page = readFileSync(file, "utf8");
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${file} has no place for figures: ${begin} … ${end}`);
  writeFileSync(file, `${page.slice(0, from + begin.length)}\n${text}\n${page.slice(to)}`);
}
