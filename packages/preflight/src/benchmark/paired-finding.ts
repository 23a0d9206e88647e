// What paired results say: the outcome with the number that decided it, and the figures of right and wrong.

import {
  type BenchmarkDesign,
  chanceText,
  comparisonsOf,
  counted,
  type Figure,
  type ItemComparison,
  type ItemPair,
  type PairedVerdict,
  pairedItemsNeeded,
  pairedVerdict,
  percentText,
  type Random,
} from "@slipway/core";
import type { GateFinding } from "../gate.ts";
import { plain } from "../plain-figure.ts";

export type PairedFinding = Omit<GateFinding, "details"> & {
  readonly comparisons: readonly ItemComparison[];
};

/** The chance that a candidate which is no worse passes, for which the items needed are stated. */
export const POWER = 0.9;

export function pairedFinding(
  pairs: readonly ItemPair[],
  design: BenchmarkDesign,
  random: Random,
): PairedFinding {
  const comparisons = comparisonsOf(pairs, design, random);
  const verdict = pairedVerdict(comparisons, design);
  const needed = pairedItemsNeeded(design, design.margin);
  return {
    outcome: outcomeOf(verdict),
    because: becauseOf(verdict, design, needed),
    figures: [
      plain("items compared", pairs.length, ""),
      plain("items needed", needed, ""),
      ...comparisons
        .filter(({ items }) => items > 0)
        .flatMap((comparison) => figuresOf(comparison, design)),
    ],
    comparisons,
  };
}

function outcomeOf(verdict: PairedVerdict): GateFinding["outcome"] {
  return ({ "no-worse": "pass", worse: "fail", "cannot-tell": "inconclusive" } as const)[
    verdict.kind
  ];
}

function becauseOf(
  { kind, by }: PairedVerdict,
  { margin }: BenchmarkDesign,
  needed: number,
): string {
  if (by.items === 0) return "no item could be compared";
  const of = by.of === null ? "" : ` of ${by.of}`;
  const right = `${percentText(by.candidate)} right${of} against ${percentText(by.stable)}`;
  const fewer = by.difference.low >= 0 ? "none" : pointsText(-by.difference.low);
  if (kind === "no-worse") {
    return `${right} on ${counted(by.items, "item")}: at most ${fewer} fewer (margin ${pointsText(margin)})`;
  }
  if (kind === "worse") {
    const lost = `right on ${by.wins} that stable has wrong, wrong on ${by.losses} that it has right`;
    return `${right}: ${lost}; the chance of that in a version no worse is ${chanceText(by.harmChance)}`;
  }
  return `${right} on ${counted(by.items, "item")}: up to ${fewer} fewer cannot be excluded (margin ${pointsText(margin)}, about ${needed} items needed)`;
}

function pointsText(share: number): string {
  return `${(100 * share).toFixed(1)} points`;
}

function figuresOf(comparison: ItemComparison, { alpha, margin }: BenchmarkDesign): Figure[] {
  const { of, stable, candidate, difference, harmChance } = comparison;
  const kept = difference.low > -margin;
  const harmed = harmChance <= alpha && !kept;
  const both =
    of === null
      ? [
          plain("right answers, stable", stable, "share"),
          plain("right answers, candidate", candidate, "share"),
        ]
      : [];
  return [
    ...both,
    {
      name: "right answers, candidate less stable",
      value: difference.mean,
      unit: "share",
      interval: [difference.low, difference.high],
      limit: -margin,
      holds: kept ? true : harmed ? false : null,
      of,
    },
  ];
}
