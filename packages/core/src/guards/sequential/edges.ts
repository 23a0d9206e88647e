// Where a latency guard counts from: the bin of stable's quantile over the window before a tick, one for all answers or
// one for each class of output length; or the bin of the guard's own limit.

import { LENGTH_CLASSES } from "../../evidence/row.ts";
import { ownOf, stableLatencyBefore } from "../../evidence/window-sums.ts";
import {
  binOf,
  countOf,
  emptyHistogram,
  type Histogram,
  mergeAllInto,
  quantileBin,
} from "../../histogram.ts";
import { stretchOf } from "../comparison.ts";
import type { LatencyMetric, SequentialGuard } from "../guard.ts";
import type { GuardTick } from "./guard-tick.ts";

/** Fixed before the tick is seen. `before`: those of the tick before, which stay while there is nothing newer. */
export function edgesOf(
  guard: SequentialGuard,
  tick: Pick<GuardTick, "endMs" | "window" | "isAlone">,
  before: readonly (number | null)[],
): readonly (number | null)[] {
  const { metric, comparison } = guard;
  if (metric.kind !== "latency") return before;
  const classes = isByLength(metric) ? LENGTH_CLASSES : 1;
  if (comparison.kind === "limit") {
    return new Array<number>(classes).fill(binOf(comparison.max));
  }
  if (tick.isAlone) return before;
  return Array.from({ length: classes }, (_, place) => {
    const stable = isByLength(metric)
      ? classLatency(guard, metric, tick, place)
      : stableLatencyBefore(tick.window, stretchOf(guard), tick.endMs, metric.time);
    // A quantile needs at least one value beyond it.
    const isEnough = countOf(stable) * (1 - metric.quantile) >= 1;
    return (isEnough ? quantileBin(stable, metric.quantile) : null) ?? before[place] ?? null;
  });
}

function classLatency(
  guard: SequentialGuard,
  { time }: LatencyMetric,
  { window, endMs }: Pick<GuardTick, "endMs" | "window">,
  place: number,
): Histogram {
  const sum = emptyHistogram();
  if (time === "ttft") return sum;
  const entries = window.filter((entry) => entry.endMs > endMs - guard.windowMs);
  const sums = entries.map((entry) => ownOf(stretchOf(guard), entry).stable);
  mergeAllInto(
    sum,
    sums.flatMap(({ lengths }) => lengths[time][place] ?? []),
  );
  return sum;
}

/** A first token does not wait for how much comes after it. */
function isByLength({ byLength, time }: LatencyMetric): boolean {
  return byLength && time !== "ttft";
}
