// What a threshold's number may be by chance: intervals for a difference of rates and for a ratio of quantiles, at one
// look. Looked at again and again they miss more often than they say; a sequential guard's interval does not.

import { countOf, GAMMA, type Histogram } from "../histogram.ts";
import { wilson } from "../statistics/wilson.ts";

/** In the unit of the guard's limit. */
export type Interval = {
  /** Null where an end cannot be told. */
  readonly low: number | null;
  readonly high: number | null;
  readonly confidence: number;
  /** Whether it holds at all looks together, or at one alone. */
  readonly always: boolean;
};

export const CONFIDENCE = 0.99;
/** Two-sided 99%: the standard normal quantile. */
export const Z_99 = 2.575_829_304;

type Bad = { readonly n: number; readonly bad: number };

/** Null without requests of both arms. Source: Newcombe's hybrid of Wilson's score intervals (Stat. Med. 1998). */
export function differenceInterval(candidate: Bad, stable: Bad): Interval | null {
  if (candidate.n === 0 || stable.n === 0) return null;
  const [c, s] = [wilson(candidate.n, candidate.bad, Z_99), wilson(stable.n, stable.bad, Z_99)];
  const difference = c.rate - s.rate;
  return atOneLook(
    Math.max(-1, difference - Math.hypot(c.rate - c.low, s.high - s.rate)),
    Math.min(1, difference + Math.hypot(c.high - c.rate, s.rate - s.low)),
  );
}

function atOneLook(low: number | null, high: number | null): Interval {
  return { low, high, confidence: CONFIDENCE, always: false };
}

/** Null without values of both arms. Order statistics give each arm's interval; their logarithms are put together. */
export function quantileRatioInterval(
  q: number,
  candidate: Histogram,
  stable: Histogram,
): Interval | null {
  const [c, s] = [quantileRange(q, candidate), quantileRange(q, stable)];
  if (c === null || s === null || c.at === null || s.at === null) return null;
  const ratio = c.at - s.at;
  return atOneLook(
    c.low === null || s.high === null
      ? null
      : factor(ratio - Math.hypot(c.at - c.low, s.high - s.at)),
    c.high === null || s.low === null
      ? null
      : factor(ratio + Math.hypot(c.high - c.at, s.at - s.low)),
  );
}

function factor(bins: number): number {
  return GAMMA ** bins;
}

/** In bins; null where a rank lies beyond all values that were measured. */
type Range = {
  readonly low: number | null;
  readonly at: number | null;
  readonly high: number | null;
};

function quantileRange(q: number, histogram: Histogram): Range | null {
  const n = countOf(histogram);
  if (n === 0) return null;
  const reach = Z_99 * Math.sqrt(n * q * (1 - q));
  return {
    low: binAtRank(histogram, Math.floor(n * q - reach)),
    at: binAtRank(histogram, q * (n - 1)),
    high: binAtRank(histogram, Math.ceil(n * q + reach)),
  };
}

function binAtRank({ first, counts }: Histogram, rank: number): number | null {
  if (rank < 0) return null;
  let below = 0;
  for (const [index, count] of counts.entries()) {
    below += count;
    if (below > rank) return first + index;
  }
  return null;
}
