// The latency guard: a quantile of the candidate against the same quantile of stable.

import { countOf, type Histogram, quantile } from "../histogram.ts";
import type { LatencyGuard } from "../policy.ts";
import { durationText, ratioText } from "../quantity.ts";
import { type Comparison, waitForData } from "./comparison.ts";
import type { ArmMeasure, Verdict } from "./verdict.ts";

export function judgeLatency(guard: LatencyGuard, comparison: Comparison): Verdict {
  const candidate = measureLatency(guard.quantile, comparison.candidate.latency[guard.metric]);
  const stable = measureLatency(guard.quantile, comparison.stable.latency[guard.metric]);
  const base = {
    guard: guard.id,
    kind: guard.kind,
    limit: guard.ratioMax,
    candidate,
    stable,
    baseline: comparison.baseline,
  };
  const waiting = waitForData(guard, comparison) ?? waitForQuantile(guard, candidate, stable);
  if (waiting !== null) return { ...base, status: "wait", measured: null, text: waiting };
  const ratio = ratioOf(candidate, stable);
  const fails = ratio > guard.ratioMax;
  return {
    ...base,
    status: fails ? "fail" : "pass",
    // JSON has no infinity; `candidate.over` says it.
    measured: Number.isFinite(ratio) ? ratio : null,
    text: `${quantileName(guard)} ${textOf(candidate)} is ${ratioText(ratio)} stable's ${textOf(stable)} (limit ${ratioText(guard.ratioMax)}, ${candidate.n} and ${stable.n} requests${comparison.baseline === "kept" ? ", baseline kept from before 100%" : ""})`,
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
  return n < guard.minRequests
    ? `${n} of ${guard.minRequests} requests with a ${guard.metric} time`
    : null;
}

/** Both beyond the horizon: no ratio can be told, and stable is no better. */
function ratioOf(candidate: ArmMeasure, stable: ArmMeasure): number {
  if (stable.over) return 1;
  if (candidate.over) return Number.POSITIVE_INFINITY;
  return (candidate.value ?? 0) / (stable.value ?? Number.POSITIVE_INFINITY);
}

/** "P99 latency". */
export function quantileName(guard: Pick<LatencyGuard, "metric" | "quantile">): string {
  const metric = { total: "latency", ttft: "TTFT", tpot: "TPOT" }[guard.metric];
  return `P${Math.round(guard.quantile * 10_000) / 100} ${metric}`;
}

function textOf(measured: ArmMeasure): string {
  return durationText(measured.over ? Number.POSITIVE_INFINITY : (measured.value ?? 0));
}
