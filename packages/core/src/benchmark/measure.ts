// What was measured of both versions on the same items, beside right and wrong: times, lengths, syntax errors. Compared
// item by item, so that a hard item is hard for both.

import type { Random } from "../random.ts";
import { bootstrapMean, familiesOf, type MeanDifference } from "../statistics/paired-bootstrap.ts";

/** Enough for the ends of an interval to be told to a twentieth of its width. */
const RESAMPLES = 2_000;

export type MeasuredPair = {
  readonly family: string | null;
  readonly stable: number;
  readonly candidate: number;
};

export type MeasuredDifference = {
  readonly items: number;
  readonly stable: number;
  readonly candidate: number;
  /** Candidate less stable; null for fewer than two families. */
  readonly difference: MeanDifference | null;
};

/** Means of both, and the mean of the differences. `alpha` is left out at each end. */
export function differenceOf(
  pairs: readonly MeasuredPair[],
  alpha: number,
  random: Random,
): MeasuredDifference {
  const differences = pairs.map(({ family, stable, candidate }) => ({
    family,
    difference: candidate - stable,
  }));
  return {
    items: pairs.length,
    stable: meanOf(pairs.map(({ stable }) => stable)),
    candidate: meanOf(pairs.map(({ candidate }) => candidate)),
    difference: bootstrapMean(familiesOf(differences), alpha, RESAMPLES, random),
  };
}

/** How many times stable's the candidate's is, as the geometric mean over items that both have more than nothing of. */
export function ratioOf(
  pairs: readonly MeasuredPair[],
  alpha: number,
  random: Random,
): MeanDifference | null {
  const logs = pairs
    .filter(({ stable, candidate }) => stable > 0 && candidate > 0)
    .map(({ family, stable, candidate }) => ({
      family,
      difference: Math.log(candidate / stable),
    }));
  const mean = bootstrapMean(familiesOf(logs), alpha, RESAMPLES, random);
  if (mean === null) return null;
  return { mean: Math.exp(mean.mean), low: Math.exp(mean.low), high: Math.exp(mean.high) };
}

/** By the nearest rank; null for none. `q` in (0, 1]. */
export function rankQuantile(values: readonly number[], q: number): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? null;
}

function meanOf(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
