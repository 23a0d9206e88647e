// What a page shows, kept beside it, one figure a line: a table of hours of processor is measured in parts.
import { existsSync, readFileSync, writeFileSync } from "node:fs";

/** None where there is no such file. Throws with the line of what was not written by the benchmark. */
export function linesKeptIn<Line>(
  file: string,
  isLine: (value: unknown) => value is Line,
): readonly Line[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "");
  return lines.map((line, index) => {
    const read: unknown = JSON.parse(line);
    if (isLine(read)) return read;
    throw new Error(
      `${file}:${index + 1} is no line of this benchmark; move the file away, and measure again`,
    );
  });
}

export function keepLines(file: string, lines: readonly object[]): void {
  writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
}

/** Whether it has all of these, each of its type. */
export function hasFields(
  value: unknown,
  wanted: { readonly [field: string]: "string" | "number" },
): boolean {
  if (typeof value !== "object" || value === null) return false;
  const own = new Map(Object.entries(value));
  return Object.entries(wanted).every(([key, type]) => typeof own.get(key) === type);
}
