// lookAt(points, length): one of a trend's few looks. The last half of the series is tested, since what has just been
// started grows for a while and stops; stable at the same time is taken off, so that the day's load cancels out.

import type { Rollout } from "../rollout/rollout.ts";
import { logNormalAbove } from "../statistics/normal.ts";
import { type Point, slopeInterval, type TrendTest, trendOf } from "../statistics/trend.ts";
import { LOOK_SLOTS, SLOT_MS, type Trend, type TrendLook, type TrendPoint } from "./trend.ts";

const HOUR_MS = 3_600_000;
const SLOTS_PER_HOUR = HOUR_MS / SLOT_MS;
/** Two-sided 95%. */
const INTERVAL_Z = 1.959_964;
/** What it measures now is the median of so many points. */
const CURRENT_POINTS = 3;

/**
 * A policy's chance of a false alarm, over all its trends, stages and looks. A look that cannot tell is none: with the
 * six points of two hours no growth is sure enough.
 */
function logNeeded({ trends, stages, falseAlarmMax }: Rollout["policy"]): number {
  return Math.log(falseAlarmMax / (Math.max(1, trends.length * stages.length) * LOOK_SLOTS.length));
}

/** Null where too few slots had values. `length`: slots since the stage began. */
export function lookAt(
  points: readonly TrendPoint[],
  length: number,
  trend: Trend,
  { rollout, startMs }: { readonly rollout: Rollout; readonly startMs: number },
): TrendLook | null {
  const half = points.filter(({ slot }) => slot >= length / 2 && slot < length);
  const both = half.filter(({ stable }) => stable !== null);
  const isAlone = both.length < half.length / 2;
  // A latency follows the day's load: with nobody on stable its growth says nothing about the version.
  if (isAlone && trend.metric !== "client-memory") return null;
  const used = isAlone ? half : both;
  const series = used.map(({ slot, candidate, stable }): Point => {
    return { x: slot / SLOTS_PER_HOUR, y: candidate - (isAlone ? 0 : (stable ?? 0)) };
  });
  const test = trendOf(series);
  if (test === null) return null;
  const { z, slope, logChance } = test;
  const { low, high } = slopeInterval(series, test, INTERVAL_Z);
  const needed = logNeeded(rollout.policy);
  const current = latest(used.map(({ candidate }) => candidate));
  const limit = limitOf(trend, used);
  const exhaustionMs = exhaustionOf(limit - current, high);
  const isSure = logChance < needed;
  const isSoon = exhaustionMs !== null && exhaustionMs < trend.uptimeMs;
  return {
    atMs: startMs + length * SLOT_MS,
    lengthMs: length * SLOT_MS,
    points: used.length,
    against: isAlone ? "alone" : "stable",
    z,
    slope,
    low,
    high,
    logChance,
    logNeeded: needed,
    seen: seenSlope(series, test, needed),
    current,
    limit,
    exhaustionMs,
    isBroken: isSure && isSoon && slope > 0,
  };
}

function latest(values: readonly number[]): number {
  const last = values.slice(-CURRENT_POINTS).toSorted((a, b) => a - b);
  return last[last.length >> 1] ?? 0;
}

function limitOf(trend: Trend, used: readonly TrendPoint[]): number {
  if (trend.metric === "client-memory") return trend.limitMiB;
  return trend.ratioMax * latest(used.flatMap(({ stable }) => (stable === null ? [] : [stable])));
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
