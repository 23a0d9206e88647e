// Rows of text lined up in columns, for lists.

/** Two spaces between columns; numbers of columns may differ between rows. Lines are cut at `width`. */
export function textColumns(
  rows: readonly (readonly string[])[],
  width: number = Number.POSITIVE_INFINITY,
): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, cell] of row.entries()) {
      widths[index] = Math.max(widths[index] ?? 0, [...cell].length);
    }
  }
  return rows
    .map((row) =>
      row
        .map((cell, index) => cell + " ".repeat((widths[index] ?? 0) - [...cell].length))
        .join("  ")
        .trimEnd(),
    )
    .map((line) => ([...line].length > width ? `${[...line].slice(0, width - 1).join("")}…` : line))
    .map((line) => `${line}\n`)
    .join("");
}
