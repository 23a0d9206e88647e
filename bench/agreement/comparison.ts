// The figures of a case's two kinds of world beside each other, and which of them differ by more than chance would have it.
import { type Difference, differenceOf } from "./difference.ts";
import type { Kind, Played } from "./played.ts";

export type CaseSeeds = {
  readonly scenario: string;
  readonly about: string;
  readonly seeds: { readonly [kind in Kind]: readonly Played[] };
};

export type Compared = Difference & { readonly scenario: string; readonly figure: string };

/** That some interval misses a difference of zero although both kinds of world are alike. */
export const FALSE_ALARM = 0.05;

/** Each interval is as wide as all of them together need (Bonferroni). */
export function compared(cases: readonly CaseSeeds[]): readonly Compared[] {
  const pairs = cases.flatMap(pairsOf);
  const chance = FALSE_ALARM / Math.max(1, pairs.length);
  return pairs.map(({ scenario, figure, requests, counts }) => ({
    scenario,
    figure,
    ...differenceOf(requests, counts, chance),
  }));
}

type Pair = {
  readonly scenario: string;
  readonly figure: string;
  readonly requests: readonly number[];
  readonly counts: readonly number[];
};

function pairsOf({ scenario, seeds }: CaseSeeds): readonly Pair[] {
  const all = [...seeds.requests, ...seeds.counts];
  const namesOf = (of: (one: Played) => readonly string[]): readonly string[] => [
    ...new Set(all.flatMap(of)),
  ];
  const pair = (figure: string, of: (one: Played) => number): Pair => ({
    scenario,
    figure,
    requests: seeds.requests.map(of),
    counts: seeds.counts.map(of),
  });
  const figures = namesOf(({ figures }) => Object.keys(figures)).map((name) =>
    pair(name, ({ figures }) => figures[name] ?? 0),
  );
  const guards = namesOf(({ broken }) => broken).map((guard) =>
    pair(`broken: ${guard}`, ({ broken }) => (broken.includes(guard) ? 1 : 0)),
  );
  // What never happens in either is no figure.
  return [...figures, ...guards].filter(({ requests, counts }) =>
    [...requests, ...counts].some((value) => value !== 0),
  );
}

/** A table in Markdown: a case after the other, those that differ marked. */
export function tableOf(all: readonly Compared[]): string {
  const heads = ["scenario", "figure", "requests", "counts", "difference, at most", ""];
  const lines = all.map((one, index) => {
    const isFirst = all[index - 1]?.scenario !== one.scenario;
    const { requests, counts, low, high } = one;
    return [
      isFirst ? one.scenario : "",
      one.figure,
      numberText(requests),
      numberText(counts),
      `${signed(low, requests)} to ${signed(high, requests)}`,
      one.agrees ? "" : "**differs**",
    ];
  });
  const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [heads, heads.map(() => "---"), ...lines].map(row).join("\n");
}

function numberText(value: number): string {
  return Number(value.toPrecision(4)).toString();
}

/** As a part of what requests have; absolute where they have none. */
function signed(difference: number, of: number): string {
  if (of === 0) return difference.toPrecision(2);
  const percent = Math.round((1_000 * difference) / of) / 10;
  return `${percent > 0 ? "+" : ""}${percent}%`;
}
