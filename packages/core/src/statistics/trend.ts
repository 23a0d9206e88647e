// Whether a series grows, and how fast: the Mann-Kendall test, with ties and with a series' own memory allowed for, and
// the Theil-Sen slope with its interval. Neither minds outliers, nor a spread that changes on the way.
//
// Sources: Mann 1945; Kendall 1975 (variance with ties); Hamed and Rao 1998 (autocorrelation of ranks); Sen 1968
// (interval from the test's own variance, with ranks rounded as scipy's `theilslopes` does).

import { logNormalAbove } from "./normal.ts";

export type Point = { readonly x: number; readonly y: number };

export type TrendTest = {
  readonly n: number;
  /** Later values that are higher than an earlier one, less those that are lower. */
  readonly s: number;
  /** What the spread of `s` is multiplied by, since neighbours resemble each other: 1 or more. */
  readonly inflation: number;
  /** Standard deviation of `s` where nothing grows. */
  readonly deviation: number;
  readonly z: number;
  /** Natural log of the chance that a series which does not grow looks so, or more so. */
  readonly logChance: number;
  /** Units of y for one of x. */
  readonly slope: number;
};

/** Rank autocorrelations below this many standard errors count as none. */
const MEMORY_Z = 1.959_964;

/** Null with fewer than three points, or with all at one place. Ordered by x. */
export function trendOf(points: readonly Point[]): TrendTest | null {
  const slopes = slopesOf(points);
  if (points.length < 3 || slopes.length === 0) return null;
  const slope = medianOf(slopes);
  const n = points.length;
  const s = pairSigns(points.map(({ y }) => y));
  const inflation = inflationOf(points, slope);
  const deviation = Math.sqrt(varianceOf(points) * inflation);
  const z = deviation === 0 ? 0 : (s - Math.sign(s)) / deviation;
  return { n, s, inflation, deviation, z, logChance: logNormalAbove(z), slope };
}

export type SlopeInterval = { readonly low: number | null; readonly high: number | null };

/** Two-sided: `z` is 1.96 for 95%. Null where too few points bound nothing. */
export function slopeInterval(
  points: readonly Point[],
  { deviation }: TrendTest,
  z: number,
): SlopeInterval {
  const slopes = slopesOf(points);
  const half = z * deviation;
  if (half >= slopes.length) return { low: null, high: null };
  const low = Math.max(0, Math.round((slopes.length - half) / 2) - 1);
  const high = Math.min(slopes.length - 1, Math.round((slopes.length + half) / 2));
  return { low: slopes[low] ?? null, high: slopes[high] ?? null };
}

/** Of every two points, ascending. */
function slopesOf(points: readonly Point[]): readonly number[] {
  const slopes = points.flatMap((from, index) =>
    points
      .slice(index + 1)
      .filter(({ x }) => x !== from.x)
      .map(({ x, y }) => (y - from.y) / (x - from.x)),
  );
  return slopes.sort((a, b) => a - b);
}

/** Of ascending values; 0 for none. */
function medianOf(sorted: readonly number[]): number {
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}

function pairSigns(values: readonly number[]): number {
  return values.reduce(
    (sum, from, index) =>
      values.slice(index + 1).reduce((total, to) => total + Math.sign(to - from), sum),
    0,
  );
}

function varianceOf(points: readonly Point[]): number {
  const n = points.length;
  const ties = new Map<number, number>();
  for (const { y } of points) ties.set(y, (ties.get(y) ?? 0) + 1);
  const tied = [...ties.values()].reduce((sum, t) => sum + t * (t - 1) * (2 * t + 5), 0);
  return (n * (n - 1) * (2 * n + 5) - tied) / 18;
}

/** Only ever upwards: a series that swings back at once does not make its growth surer. */
function inflationOf(points: readonly Point[], slope: number): number {
  const n = points.length;
  const ranks = ranksOf(points.map(({ x, y }) => y - slope * x));
  const limit = MEMORY_Z / Math.sqrt(n);
  let sum = 0;
  for (let lag = 1; lag < n - 2; lag++) {
    const r = autocorrelation(ranks, lag);
    if (Math.abs(r) > limit) sum += (n - lag) * (n - lag - 1) * (n - lag - 2) * r;
  }
  return Math.max(1, 1 + (2 * sum) / (n * (n - 1) * (n - 2)));
}

/** Equal values share the mean of their ranks. */
function ranksOf(values: readonly number[]): readonly number[] {
  return values.map((value) => {
    const below = values.filter((other) => other < value).length;
    const same = values.filter((other) => other === value).length;
    return below + (same + 1) / 2;
  });
}

function autocorrelation(values: readonly number[], lag: number): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const off = values.map((value) => value - mean);
  const square = off.reduce((sum, value) => sum + value * value, 0);
  if (square === 0) return 0;
  return off.reduce((sum, value, index) => sum + value * (off[index + lag] ?? 0), 0) / square;
}
