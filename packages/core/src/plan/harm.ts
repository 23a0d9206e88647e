// How often either arm would be bad, as a sequential guard counts it, if the candidate were worse by a factor.

import type { LatencyMetric, SequentialGuard } from "../guards/guard.ts";
import { binsOfFactor, countAbove, countOf, type Histogram, quantileBin } from "../histogram.ts";
import { logNormalLatency, type Traffic } from "./traffic.ts";

/** Shares of requests that count as bad. */
export type BadRates = { readonly candidate: number; readonly stable: number };

/** Where latencies are not known: a log-normal whose P99 is 6.4 times its median, as answers of language models have. */
const UNKNOWN_LATENCY = logNormalLatency(1_000, 6_430);

/** Under "the candidate's ratio is `ratio`", counted against `hypothesis`; `errorRate`: of the segment looked at. */
export function badRates(
  guard: SequentialGuard,
  traffic: Traffic,
  ratio: number,
  hypothesis: number,
  errorRate: number = traffic.errorRate,
): BadRates {
  const { metric } = guard;
  if (metric.kind !== "latency") {
    return { candidate: Math.min(1, ratio * errorRate), stable: errorRate };
  }
  const latency = latencyOf(metric, traffic);
  const edge = quantileBin(latency, metric.quantile) ?? 0;
  const answered = 1 - errorRate;
  const slower = (bin: number): number => (answered * countAbove(latency, bin)) / countOf(latency);
  return {
    candidate: slower(edge + binsOfFactor(hypothesis) - binsOfFactor(ratio)),
    stable: slower(edge),
  };
}

/** Whether the latencies that a guard looks at are known, or assumed. */
export function isLatencyKnown(guard: SequentialGuard, traffic: Traffic): boolean {
  return guard.metric.kind !== "latency" || traffic.latency[guard.metric.time] !== null;
}

export function latencyOf({ time }: Pick<LatencyMetric, "time">, traffic: Traffic): Histogram {
  return traffic.latency[time] ?? UNKNOWN_LATENCY;
}

/** Whether what a guard counts is known beforehand: all failures, and latencies, compared with stable. */
export function isForeseen({ metric, comparison, segment }: SequentialGuard): boolean {
  if (comparison.kind !== "ratio" || segment !== null) return false;
  return metric.kind === "latency" || (metric.kind === "events" && metric.event === "errors");
}
