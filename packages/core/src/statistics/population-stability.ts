// Whether two samples are of the same mix: how far apart their shares are, and whether chance could make them so.
//
// Source: the population stability index. At canary sizes it is far from zero by chance alone; divided by
// 1/n_c + 1/n_s it is near chi-square with one degree of freedom less than there are values.

import { normalBelow } from "./normal.ts";

/** Counts of one value in both samples. */
export type Pair = { readonly candidate: number; readonly stable: number };

export type Stability = {
  /** Sum of (share difference) * log(share ratio). */
  readonly index: number;
  /** The chance of an index as large, were both of the same mix. */
  readonly chance: number;
};

/** Added to each count, so that a value that one sample lacks does not make the index infinite. */
const SMOOTHING = 0.5;

/** `spread`: how much more counts vary than independent ones would, 1 or more. Null with fewer than two values. */
export function populationStability(pairs: readonly Pair[], spread: number): Stability | null {
  const sums = pairs.reduce(
    (sum, { candidate, stable }) => ({
      candidate: sum.candidate + candidate,
      stable: sum.stable + stable,
    }),
    { candidate: 0, stable: 0 },
  );
  if (pairs.length < 2 || sums.candidate === 0 || sums.stable === 0) return null;
  const added = SMOOTHING * pairs.length;
  const index = pairs.reduce((sum, { candidate, stable }) => {
    const here = (candidate + SMOOTHING) / (sums.candidate + added);
    const there = (stable + SMOOTHING) / (sums.stable + added);
    return sum + (here - there) * Math.log(here / there);
  }, 0);
  const chiSquare = index / (1 / sums.candidate + 1 / sums.stable) / spread;
  return { index, chance: chiSquareAbove(chiSquare, pairs.length - 1) };
}

/** The chance that chi-square lies above a value, by Wilson and Hilferty's cube root: within a fifth in its tail. */
export function chiSquareAbove(value: number, degrees: number): number {
  if (value <= 0) return 1;
  const part = 2 / (9 * degrees);
  return normalBelow(-(Math.cbrt(value / degrees) - (1 - part)) / Math.sqrt(part));
}
