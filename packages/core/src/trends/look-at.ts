// lookAt(points, length): one of a trend's few looks. The last half of the series is tested, since what has just been
// started grows for a while and stops; stable at the same time is taken off, so that the day's load cancels out.

import type { Rollout } from "../rollout/rollout.ts";
import type { Point } from "../statistics/trend.ts";
import { growthOf, latest } from "./growth.ts";
import { LOOK_SLOTS, SLOT_MS, type Trend, type TrendLook, type TrendPoint } from "./trend.ts";

const HOUR_MS = 3_600_000;
const SLOTS_PER_HOUR = HOUR_MS / SLOT_MS;

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
  const needed = logNeeded(rollout.policy);
  const current = latest(used.map(({ candidate }) => candidate));
  const limit = limitOf(trend, used);
  const bounds = { logNeeded: needed, limit, uptimeMs: trend.uptimeMs };
  const growth = growthOf(series, bounds, current);
  if (growth === null) return null;
  return {
    ...growth,
    atMs: startMs + length * SLOT_MS,
    lengthMs: length * SLOT_MS,
    points: used.length,
    against: isAlone ? "alone" : "stable",
    logNeeded: needed,
    limit,
  };
}

function limitOf(trend: Trend, used: readonly TrendPoint[]): number {
  if (trend.metric === "client-memory") return trend.limitMiB;
  return trend.ratioMax * latest(used.flatMap(({ stable }) => (stable === null ? [] : [stable])));
}
