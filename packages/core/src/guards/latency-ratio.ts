// The latency guard: a quantile of the candidate against the same quantile of stable.

import { countOf, type Histogram, quantile } from "../histogram.ts";
import { durationText, ratioText } from "../quantity.ts";
import { type Comparison, requestsNeeded, waitForData } from "./comparison.ts";
import type { LatencyMetric, ThresholdGuard } from "./guard.ts";
import { quantileRatioInterval } from "./interval.ts";
import { quantileName } from "./metric-text.ts";
import { type ArmMeasure, holdsStage, type Verdict } from "./verdict.ts";

type LatencyGuard = ThresholdGuard & { readonly metric: LatencyMetric };

/** `overMs`: what a request that never finished took at the least, the horizon or the deadline. */
export function judgeLatency(guard: LatencyGuard, comparison: Comparison, overMs: number): Verdict {
  const { time, quantile: q } = guard.metric;
  const ratioMax = guard.comparison.kind === "ratio" ? guard.comparison.ratioMax : 1;
  const candidate = measureLatency(q, comparison.candidate.latency[time]);
  const stable = measureLatency(q, comparison.stable.latency[time]);
  const base = {
    guard: guard.id,
    unit: "ms" as const,
    comparison: "ratio" as const,
    action: guard.action,
    holds: holdsStage(guard),
    limit: ratioMax,
    candidate,
    stable,
    baseline: comparison.baseline,
    interval: quantileRatioInterval(
      q,
      comparison.candidate.latency[time],
      comparison.stable.latency[time],
    ),
  };
  const waiting = waitForData(guard, comparison) ?? waitForQuantile(guard, candidate, stable);
  if (waiting !== null) return { ...base, status: "wait", measured: null, text: waiting };
  const kept = comparison.baseline === "kept" ? ", baseline kept from before 100%" : "";
  const limits = `(limit ${ratioText(ratioMax)}, ${candidate.n} and ${stable.n} requests${kept})`;
  if (candidate.over && !stable.over) {
    const ratio = overMs / (stable.value ?? Number.POSITIVE_INFINITY);
    return {
      ...base,
      status: "fail",
      measured: ratio > ratioMax ? ratio : null,
      text: `${quantileName(guard.metric)} is beyond ${durationText(overMs)}, at least ${ratioText(ratio)} stable's ${textOf(stable)} ${limits}`,
    };
  }
  const ratio = ratioOf(candidate, stable);
  return {
    ...base,
    status: ratio > ratioMax ? "fail" : "pass",
    measured: ratio,
    text: `${quantileName(guard.metric)} ${textOf(candidate)} is ${ratioText(ratio)} stable's ${textOf(stable)} ${limits}`,
  };
}

export function measureLatency(q: number, histogram: Histogram): ArmMeasure {
  const value = quantile(histogram, q);
  const over = value === Number.POSITIVE_INFINITY;
  return { value: over ? null : value, over, n: countOf(histogram) };
}

/** Requests without this latency (failed, or not streamed for TTFT) can leave too few values. */
function waitForQuantile(
  guard: LatencyGuard,
  candidate: ArmMeasure,
  stable: ArmMeasure,
): string | null {
  const n = Math.min(candidate.n, stable.n);
  const needed = requestsNeeded(guard);
  return n < needed ? `${n} of ${needed} requests with a ${guard.metric.time} time` : null;
}

/** Stable beyond the horizon: no ratio can be told, and the candidate is no worse. */
function ratioOf(candidate: ArmMeasure, stable: ArmMeasure): number {
  if (stable.over) return 1;
  return (candidate.value ?? 0) / (stable.value ?? Number.POSITIVE_INFINITY);
}

function textOf(measured: ArmMeasure): string {
  return durationText(measured.over ? Number.POSITIVE_INFINITY : (measured.value ?? 0));
}
