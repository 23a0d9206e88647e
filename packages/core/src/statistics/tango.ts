// By how much two versions' shares of right answers to the same items differ: the score interval for a difference of
// paired proportions, which keeps its level where few items differ, and does not collapse where none do. A candidate
// is no worse than a margin allows when the interval lies above minus the margin.
//
// Source: Tango 1998, Equivalence test and confidence interval for the difference in proportions for the
// paired-sample design, equations for T and the constrained maximum-likelihood estimate.

import type { Discordant } from "./mcnemar.ts";

const BISECTIONS = 60;

/** Standard errors by which candidate less stable lies above `difference`, with the variance as it would be there. */
export function tangoScore(
  { wins, losses }: Discordant,
  items: number,
  difference: number,
): number {
  const excess = wins - losses - items * difference;
  if (excess === 0) return 0;
  const lost = constrainedLosses({ wins, losses }, items, difference);
  const variance = items * (2 * lost + difference * (1 - difference));
  return variance <= 0
    ? Math.sign(excess) * Number.POSITIVE_INFINITY
    : excess / Math.sqrt(variance);
}

export type DifferenceInterval = { readonly low: number; readonly high: number };

/** Two-sided with `z` standard errors to each side: 1.645 leaves 5% on either. All of [-1, 1] without items. */
export function tangoInterval(pairs: Discordant, items: number, z: number): DifferenceInterval {
  if (items === 0) return { low: -1, high: 1 };
  const estimate = (pairs.wins - pairs.losses) / items;
  return {
    low: crossing(-1, estimate, (at) => tangoScore(pairs, items, at) > z),
    high: crossing(estimate, 1, (at) => tangoScore(pairs, items, at) >= -z),
  };
}

/** The share of items that only stable gets right, as likely as can be where the difference is as given. */
function constrainedLosses(
  { wins, losses }: Discordant,
  items: number,
  difference: number,
): number {
  const a = 2 * items;
  const b = -wins - losses + (2 * items - wins + losses) * difference;
  const c = -losses * difference * (1 - difference);
  return (Math.sqrt(Math.max(0, b * b - 4 * a * c)) - b) / (2 * a);
}

/** Where `isBefore` turns from true to false between the two. */
function crossing(from: number, to: number, isBefore: (at: number) => boolean): number {
  let [low, high] = [from, to];
  for (let step = 0; step < BISECTIONS; step++) {
    const middle = (low + high) / 2;
    if (isBefore(middle)) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
