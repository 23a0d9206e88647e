// growthOf(points, bounds): whether a series surely grows, how fast, when that reaches a limit, and the smallest growth
// that would have been seen.

import { logNormalAbove } from "../statistics/normal.ts";
import { type Point, slopeInterval, type TrendTest, trendOf } from "../statistics/trend.ts";

export type GrowthBounds = {
  /** Natural log of the chance of a false alarm that is allowed. */
  readonly logNeeded: number;
  readonly limit: number;
  /** The limit must not be reached within this time. */
  readonly uptimeMs: number;
};

/** Slopes in units of the series an hour. */
export type Growth = {
  readonly z: number;
  readonly slope: number;
  /** 95% interval; null where too few points bound it. */
  readonly low: number | null;
  readonly high: number | null;
  readonly logChance: number;
  /** Growth that would have been found with one chance in two; null while none would. */
  readonly seen: number | null;
  readonly current: number;
  /** Until the limit is reached at the upper end of the slope's interval; null where it does not grow. */
  readonly exhaustionMs: number | null;
  readonly isBroken: boolean;
};

const HOUR_MS = 3_600_000;
/** Two-sided 95%. */
const INTERVAL_Z = 1.959_964;
/** What a series measures now is the median of so many points. */
const CURRENT_POINTS = 3;

/** `points`: x in hours. `current`: of what the limit is for, where that is not the series itself. Null with too few points. */
export function growthOf(
  points: readonly Point[],
  { logNeeded, limit, uptimeMs }: GrowthBounds,
  current: number = latest(points.map(({ y }) => y)),
): Growth | null {
  const test = trendOf(points);
  if (test === null) return null;
  const { z, slope, logChance } = test;
  const { low, high } = slopeInterval(points, test, INTERVAL_Z);
  const exhaustionMs = exhaustionOf(limit - current, high);
  const isSure = logChance < logNeeded;
  const isSoon = exhaustionMs !== null && exhaustionMs < uptimeMs;
  return {
    z,
    slope,
    low,
    high,
    logChance,
    seen: seenSlope(points, test, logNeeded),
    current,
    exhaustionMs,
    isBroken: isSure && isSoon && slope > 0,
  };
}

/** The median of the last few. */
export function latest(values: readonly number[]): number {
  const last = values.slice(-CURRENT_POINTS).toSorted((a, b) => a - b);
  return last[last.length >> 1] ?? 0;
}

function exhaustionOf(left: number, slopePerHour: number | null): number | null {
  if (left <= 0) return 0;
  return slopePerHour === null || slopePerHour <= 0 ? null : (left / slopePerHour) * HOUR_MS;
}

/** The slope's own interval, as wide as the look asks for: growth of half its width is found every other time. */
function seenSlope(series: readonly Point[], test: TrendTest, needed: number): number | null {
  const { low } = slopeInterval(series, test, zOf(needed));
  return low === null ? null : test.slope - low;
}

/** How many standard deviations a one-sided chance is, by bisection. */
function zOf(logChance: number): number {
  let [low, high] = [0, 40];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (logNormalAbove(middle) > logChance) low = middle;
    else high = middle;
  }
  return low;
}
