// The cells that a page shows, kept beside it: a table of hours of processor is measured in parts, and a part that is
// measured again replaces itself alone.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import type { Scenario } from "@slipway/simulator";
import { shaOf } from "./cell.ts";

/** What every cell of a benchmark over scenarios has. */
export type KeptCell = {
  readonly scenario: string;
  readonly method: string;
  readonly sha256: string;
  readonly seeds: number;
};

/** `docs/page.md` has its cells in `docs/page.jsonl`, one a line. */
export function cellsFileOf(page: string): string {
  return page.replace(/(\.md)?$/, ".jsonl");
}

/**
 * What the file has, with these in the place of their own; it is written, too. Cells of scenarios that are no more, or
 * were changed, are left out: said by `onStale`.
 */
export function mergedCells<Cell extends KeptCell>(
  file: string,
  measured: readonly Cell[],
  order: { readonly scenarios: readonly Scenario[]; readonly methods: readonly string[] },
  onStale: (cell: Cell) => void,
): readonly Cell[] {
  const { scenarios, methods } = order;
  const nameOf = ({ scenario, method }: Pick<KeptCell, "scenario" | "method">): string =>
    `${scenario}\n${method}`;
  const known = existsSync(file) ? cellsIn<Cell>(readFileSync(file, "utf8"), file) : [];
  const all = new Map([...known, ...measured].map((cell) => [nameOf(cell), cell]));
  const merged = scenarios.flatMap((scenario) => {
    const sha256 = shaOf(scenario);
    return methods.flatMap((method) => {
      const cell = all.get(nameOf({ scenario: scenario.name, method }));
      return cell?.sha256 === sha256 ? [cell] : [];
    });
  });
  for (const cell of all.values()) if (!merged.includes(cell)) onStale(cell);
  writeFileSync(file, merged.map((cell) => `${JSON.stringify(cell)}\n`).join(""));
  return merged;
}

function cellsIn<Cell extends KeptCell>(text: string, file: string): readonly Cell[] {
  const lines = text.split("\n").filter((line) => line !== "");
  return lines.map((line, index) => {
    const read: unknown = JSON.parse(line);
    if (isCell<Cell>(read)) return read;
    throw new Error(
      `${file}:${index + 1} is no cell of this benchmark; move the file away, and measure again`,
    );
  });
}

function isCell<Cell extends KeptCell>(value: unknown): value is Cell {
  const wanted = { scenario: "string", method: "string", sha256: "string", seeds: "number" };
  if (typeof value !== "object" || value === null) return false;
  const own = new Map(Object.entries(value));
  return Object.entries(wanted).every(([key, type]) => typeof own.get(key) === type);
}
