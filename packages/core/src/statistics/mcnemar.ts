// Whether one of two versions that answered the same items is worse, from the items on which they differ: McNemar's
// test in its exact form.
//
// Source: McNemar 1947; exact binomial form, Agresti, Categorical Data Analysis, 10.1.

import { logGamma } from "./log-gamma.ts";

/** Items on which the two differ. */
export type Discordant = {
  /** Only the candidate was right. */
  readonly wins: number;
  /** Only stable was right. */
  readonly losses: number;
};

/** The chance of a split at least as uneven, either way, where neither is worse. */
export function mcnemarTwoSided({ wins, losses }: Discordant): number {
  return Math.min(1, 2 * binomialHalfAtMost(Math.min(wins, losses), wins + losses));
}

/** The chance of so many losses or more among them, where the candidate is no worse. */
export function mcnemarWorse({ wins, losses }: Discordant): number {
  return binomialHalfAtMost(wins, wins + losses);
}

/** P(Bin(n, 1/2) <= k). */
function binomialHalfAtMost(k: number, n: number): number {
  let sum = 0;
  for (let i = 0; i <= k; i++) {
    sum += Math.exp(logGamma(n + 1) - logGamma(i + 1) - logGamma(n - i + 1) - n * Math.LN2);
  }
  return Math.min(1, sum);
}
