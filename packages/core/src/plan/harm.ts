// How often either arm would be bad, as a sequential guard counts it, if the candidate were worse by a factor.

import { binsOfFactor, countAbove, countOf, type Histogram, quantileBin } from "../histogram.ts";
import type { LatencyTest, SequentialGuard } from "../policy.ts";
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
  if (guard.kind === "error-ratio") {
    return { candidate: Math.min(1, ratio * errorRate), stable: errorRate };
  }
  const latency = latencyOf(guard, traffic);
  const edge = quantileBin(latency, guard.quantile) ?? 0;
  const answered = 1 - errorRate;
  const slower = (bin: number): number => (answered * countAbove(latency, bin)) / countOf(latency);
  return {
    candidate: slower(edge + binsOfFactor(hypothesis) - binsOfFactor(ratio)),
    stable: slower(edge),
  };
}

/** Whether the latencies that a guard looks at are known, or assumed. */
export function isLatencyKnown(guard: SequentialGuard, traffic: Traffic): boolean {
  return guard.kind === "error-ratio" || traffic.latency[guard.metric] !== null;
}

export function latencyOf(guard: Pick<LatencyTest, "metric">, traffic: Traffic): Histogram {
  return traffic.latency[guard.metric] ?? UNKNOWN_LATENCY;
}
