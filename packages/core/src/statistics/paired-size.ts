// How many items a paired benchmark needs before it can say anything, and what it can say with those that it has.
//
// Source: Connor 1987 and Lu and Bean 1995 (normal approximation for paired proportions): the variance of a difference
// is the share of items on which the two differ, where neither is better.

import { normalQuantile } from "./normal-quantile.ts";

export type PairedDesign = {
  /** The chance to accept a candidate that is worse by just the margin. */
  readonly alpha: number;
  /** The chance to accept one that is no worse at all. */
  readonly power: number;
  /** Share of items on which the two are expected to differ. */
  readonly discordance: number;
};

/** Items needed to show that a candidate is worse by less than the margin. */
export function pairedItemsNeeded(design: PairedDesign, margin: number): number {
  return Math.ceil(spread(design) / (margin * margin));
}

/** The smallest margin that so many items can show. */
export function pairedMarginShown(design: PairedDesign, items: number): number {
  return Math.sqrt(spread(design) / items);
}

function spread({ alpha, power, discordance }: PairedDesign): number {
  return (normalQuantile(1 - alpha) + normalQuantile(power)) ** 2 * discordance;
}
