// The benchmark's tables as Markdown: healthy versions, harmful ones, and those that only a person can judge.
import type { Scenario } from "@slipway/simulator";
import type { Cell } from "./cell.ts";

type Column = { readonly head: string; readonly of: (cell: Cell) => string };

const percent = (share: number): string => `${Math.round(share * 1000) / 10}%`;
const minutes = (value: number | null): string => (value === null ? "never" : String(value));

const HEALTHY: readonly Column[] = [
  { head: "rolled back", of: ({ rolledBack }) => percent(rolledBack) },
  { head: "completed", of: ({ completed }) => percent(completed) },
  { head: "asked", of: ({ asked }) => percent(asked) },
  { head: "median", of: ({ medianMinutes }) => minutes(medianMinutes) },
  { head: "p90", of: ({ p90Minutes }) => minutes(p90Minutes) },
];

const HARMFUL: readonly Column[] = [
  { head: "stopped before 50%", of: ({ stopped }) => percent(stopped) },
  { head: "rolled back", of: ({ rolledBack }) => percent(rolledBack) },
  { head: "median", of: ({ medianMinutes }) => minutes(medianMinutes) },
  { head: "p90", of: ({ p90Minutes }) => minutes(p90Minutes) },
  { head: "requests harmed", of: ({ harmed }) => String(Math.round(harmed)) },
];

const UNDECIDED: readonly Column[] = [
  { head: "rolled back", of: ({ rolledBack }) => percent(rolledBack) },
  { head: "completed", of: ({ completed }) => percent(completed) },
  { head: "asked", of: ({ asked }) => percent(asked) },
  { head: "left to a person", of: ({ asExpected }) => percent(asExpected) },
  { head: "requests harmed", of: ({ harmed }) => String(Math.round(harmed)) },
];

/** Minutes are to all users for healthy versions, and to the rollback for harmful ones. */
export function tablesOf(cells: readonly Cell[], scenarios: readonly Scenario[]): string {
  const parts = [
    {
      expect: ["completed"],
      text: "**Nothing is worse**: how often a method goes back all the same, and when everybody has the new version.",
      columns: HEALTHY,
    },
    {
      expect: ["stopped", "rolled-back"],
      text: "**Something is worse**: how often and how soon a method finds it, and what it costs until then.",
      columns: HARMFUL,
    },
    {
      expect: ["held"],
      text: "**Nobody but a person can say**: neither going on nor going back is right.",
      columns: UNDECIDED,
    },
  ];
  return parts
    .flatMap(({ expect, text, columns }) => {
      const own = scenarios
        .filter((scenario) => expect.includes(scenario.expect))
        .flatMap(({ name }) => cells.filter(({ scenario }) => scenario === name));
      return own.length === 0 ? [] : [`${text}\n\n${tableOf(own, columns)}`];
    })
    .join("\n\n");
}

function tableOf(cells: readonly Cell[], columns: readonly Column[]): string {
  const heads = ["scenario", "method", ...columns.map(({ head }) => head), "seeds"];
  const rows = cells.map((cell, index) => {
    const isFirst = cells[index - 1]?.scenario !== cell.scenario;
    const figures = columns.map(({ of }) => of(cell));
    return [isFirst ? cell.scenario : "", cell.method, ...figures, String(cell.seeds)];
  });
  const line = (parts: readonly string[]): string => `| ${parts.join(" | ")} |`;
  return [line(heads), line(heads.map(() => "---")), ...rows.map(line)].join("\n");
}
