// The table in a few lines: where Slipway is at its worst, and what it lets through beside others where harm comes with load
// alone.
import type { Scenario } from "@slipway/simulator";
import type { Cell } from "./cell.ts";
import { OWN } from "./methods.ts";

const OTHERS = ["Flagger", "Flagger, tuned", "Argo", "Argo, tuned"] as const;

export function summaryOf(cells: readonly Cell[], scenarios: readonly Scenario[]): string {
  const ofKind = (is: (scenario: Scenario) => boolean): readonly Cell[] =>
    scenarios
      .filter(is)
      .flatMap(({ name }) =>
        cells.filter(({ scenario, method }) => scenario === name && method === OWN),
      );
  const healthy = ofKind(({ expect }) => expect === "completed");
  const harmful = ofKind(({ expect }) => expect === "stopped" || expect === "rolled-back");
  const loaded = ofKind(({ cause }) => cause === "load-dependent");
  const back = worst(healthy, ({ rolledBack }) => rolledBack);
  const done = worst(healthy, ({ completed }) => -completed);
  const missed = harmful.filter(({ stopped }) => stopped < 1);
  return [
    ...(back === undefined || done === undefined
      ? []
      : [
          `- Healthy versions: ${backText(back)}, completed without a person in ${percent(done.completed)} at the least (${done.scenario}).`,
        ]),
    ...(harmful.length === 0
      ? []
      : [
          missed.length === 0
            ? `- Harmful versions, ${harmful.length} of them: stopped before half of the users had them, with every seed.`
            : `- Harmful versions: ${harmful.length - missed.length} of ${harmful.length} stopped before half of the users had them, with every seed; the others ${missed.map(({ scenario, stopped }) => `${scenario} with ${percent(stopped)}`).join(", ")}.`,
        ]),
    ...loaded.flatMap((own) => besideText(own, cells)),
  ].join("\n");
}

function backText({ rolledBack, scenario }: Cell): string {
  return rolledBack === 0
    ? "none rolled back in any scenario"
    : `rolled back in ${percent(rolledBack)} at the most (${scenario})`;
}

function percent(share: number): string {
  return `${Math.round(share * 1000) / 10}%`;
}

function worst(cells: readonly Cell[], of: (cell: Cell) => number): Cell | undefined {
  return cells.toSorted((a, b) => of(b) - of(a))[0];
}

function besideText({ scenario, harmed }: Cell, cells: readonly Cell[]): readonly string[] {
  const others = OTHERS.flatMap((name) => {
    const other = cells.find((cell) => cell.scenario === scenario && cell.method === name);
    return other === undefined ? [] : [`${Math.round(other.harmed)} under ${name}`];
  });
  if (others.length === 0) return [];
  return [`- ${scenario}: ${Math.round(harmed)} requests harmed, ${others.join(", ")}.`];
}
