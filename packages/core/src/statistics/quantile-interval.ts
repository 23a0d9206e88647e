// A quantile of measured values, and where the true one lies: between two of the values themselves, whatever the
// distribution. How many of n values lie above the true quantile is binomial.

import { countOf, type Histogram, quantile } from "../histogram.ts";

export type QuantileInterval = {
  readonly value: number;
  readonly low: number;
  /** Infinite where there are too few values to bound it. */
  readonly high: number;
};

/** With more values than this expected above the quantile, the binomial is as good as normal. */
const EXACT_MAX = 100;

/** `tail`: the chance that the true one lies below `low`, and as much that it lies above `high`. Null without values. */
export function quantileInterval(
  ascending: ArrayLike<number>,
  q: number,
  tail: number,
): QuantileInterval | null {
  const n = ascending.length;
  if (n === 0) return null;
  const { few, many } = countsAbove(n, 1 - q, tail);
  return {
    value: ascending[Math.floor(q * (n - 1))] ?? 0,
    low: ascending[Math.max(0, n - 1 - many)] ?? 0,
    high: few < 0 ? Number.POSITIVE_INFINITY : (ascending[n - 1 - few] ?? 0),
  };
}

export type QuantileBounds = Pick<QuantileInterval, "low" | "high">;

/** The same of values that only a histogram remembers, within its accuracy. Null without values. */
export function quantileBounds(
  histogram: Histogram,
  q: number,
  tail: number,
): QuantileBounds | null {
  const n = countOf(histogram);
  const { few, many } = countsAbove(n, 1 - q, tail);
  const above = (count: number): number | null =>
    quantile(histogram, Math.max(0, n - 1 - count) / Math.max(1, n - 1));
  const low = above(many);
  if (low === null) return null;
  return { low, high: few < 0 ? Number.POSITIVE_INFINITY : (above(few) ?? low) };
}

type CountsAbove = {
  /** The most of which so few or fewer lie above with `tail` at most; below 0 where none would be too many. */
  readonly few: number;
  /** The least of which so many or fewer lie above with all but `tail`. */
  readonly many: number;
};

function countsAbove(n: number, chance: number, tail: number): CountsAbove {
  const mean = n * chance;
  if (mean > EXACT_MAX) {
    const reach = zOfTail(tail) * Math.sqrt(mean * (1 - chance));
    return { few: Math.floor(mean - reach) - 1, many: Math.min(n - 1, Math.ceil(mean + reach)) };
  }
  let exactly = (1 - chance) ** n;
  let sum = exactly;
  let few = sum <= tail ? 0 : -1;
  let many = 0;
  while (sum < 1 - tail && many < n - 1) {
    exactly *= ((n - many) / (many + 1)) * (chance / (1 - chance));
    sum += exactly;
    many++;
    if (sum <= tail) few = many;
  }
  return { few, many };
}

/** The standard normal's quantile in the tail, within 4.5e-4 (Abramowitz and Stegun 26.2.23). */
function zOfTail(tail: number): number {
  const t = Math.sqrt(-2 * Math.log(tail));
  const top = 2.515_517 + t * (0.802_853 + t * 0.010_328);
  return t - top / (1 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308)));
}
