// The cells that a page shows, kept beside it: a table of hours of processor is measured in parts, and a part that is
// measured again replaces itself alone.
import type { Scenario } from "@slipway/simulator";
import { hasFields, keepLines, linesKeptIn } from "../kept-lines.ts";
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
  const known = linesKeptIn(file, isCell<Cell>);
  const all = new Map([...known, ...measured].map((cell) => [nameOf(cell), cell]));
  const merged = scenarios.flatMap((scenario) => {
    const sha256 = shaOf(scenario);
    return methods.flatMap((method) => {
      const cell = all.get(nameOf({ scenario: scenario.name, method }));
      return cell?.sha256 === sha256 ? [cell] : [];
    });
  });
  for (const cell of all.values()) if (!merged.includes(cell)) onStale(cell);
  keepLines(file, merged);
  return merged;
}

function isCell<Cell extends KeptCell>(value: unknown): value is Cell {
  const wanted = {
    scenario: "string",
    method: "string",
    sha256: "string",
    seeds: "number",
  } as const;
  return hasFields(value, wanted);
}
