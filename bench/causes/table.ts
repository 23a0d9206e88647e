// The confusion table as Markdown: what was planted against what the analysis names first; with how often it is the first,
// and how often among the first three.
import type { CauseCell } from "./cell.ts";

/** The analysis says why in its own words where a scenario's are others. */
const NAMES: { readonly [planted: string]: string } = { "context-overflow": "input-length" };
const NONE = "no cause";

/** Healthy versions, and harmful ones that had an incident in some world. */
export function causesText(cells: readonly CauseCell[]): string {
  const harmful = cells.filter(({ planted }) => planted !== "none");
  const seen = harmful.filter((cell) => incidentsOf(cell) > 0);
  const without = harmful.filter((cell) => incidentsOf(cell) === 0);
  const healthy = cells.filter(({ planted }) => planted === "none");
  return [
    ...(seen.length === 0 ? [] : [sharesText(seen), confusionText(seen)]),
    ...(without.length === 0
      ? []
      : [
          `Without an incident, and so without an analysis: ${without.map(({ scenario, seeds }) => `${scenario} (${seeds} seeds)`).join(", ")}.`,
        ]),
    ...(healthy.length === 0 ? [] : [healthyText(healthy)]),
  ].join("\n\n");
}

function incidentsOf({ named }: CauseCell): number {
  return Object.keys(named).length;
}

function nameOf(planted: string): string {
  return NAMES[planted] ?? planted;
}

function placesOf({ planted, named }: CauseCell): {
  readonly first: number;
  readonly three: number;
} {
  const all = Object.values(named);
  const own = nameOf(planted);
  return {
    first: all.filter(([first]) => first === own).length,
    three: all.filter((causes) => causes.includes(own)).length,
  };
}

const line = (parts: readonly (string | number)[]): string => `| ${parts.join(" | ")} |`;
const percent = (part: number, of: number): string =>
  `${Math.round((1_000 * part) / Math.max(1, of)) / 10}%`;

function sharesText(cells: readonly CauseCell[]): string {
  const head = ["scenario", "planted", "seeds", "incidents", "first", "among three"];
  const rows = cells.map((cell) => {
    const { scenario, planted, seeds } = cell;
    const n = incidentsOf(cell);
    const { first, three } = placesOf(cell);
    return line([scenario, nameOf(planted), seeds, n, percent(first, n), percent(three, n)]);
  });
  return [line(head), line(head.map(() => "---")), ...rows].join("\n");
}

function confusionText(cells: readonly CauseCell[]): string {
  const counts = new Map<string, Map<string, number>>();
  for (const { planted, named } of cells) {
    const row = counts.get(nameOf(planted)) ?? new Map<string, number>();
    for (const [first = NONE] of Object.values(named)) row.set(first, (row.get(first) ?? 0) + 1);
    counts.set(nameOf(planted), row);
  }
  const rows = [...counts].map(([planted, row]) => {
    const all = [...row.values()].reduce((sum, n) => sum + n, 0);
    const own = row.get(planted) ?? 0;
    const others = [...row]
      .filter(([first]) => first !== planted)
      .sort(([, a], [, b]) => b - a)
      .map(([first, n]) => `${first} ${n}`);
    return line([planted, all, own, others.length === 0 ? "–" : others.join(", ")]);
  });
  const head = ["planted", "incidents", "itself first", "others first"];
  return [line(head), line(head.map(() => "---")), ...rows].join("\n");
}

function healthyText(cells: readonly CauseCell[]): string {
  const seeds = cells.reduce((sum, cell) => sum + cell.seeds, 0);
  const all = cells.flatMap(({ scenario, named }) =>
    Object.values(named).map(([first = NONE]) => `${first} in ${scenario}`),
  );
  const found = all.length === 0 ? "" : `: ${all.join(", ")}`;
  return `Healthy versions: ${seeds} rollouts of ${cells.length} scenarios had ${all.length} incidents${found}.`;
}
