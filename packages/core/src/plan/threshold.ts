// What a threshold guard will do with such traffic: whether it ever has enough requests to say anything, and how
// often it would break on a candidate that is no worse.

import { isSequential, type ThresholdGuard } from "../guards/guard.ts";
import { binsOfFactor, countAbove, countOf, quantileBin } from "../histogram.ts";
import type { Policy } from "../policy.ts";
import { normalBelow } from "../statistics/normal.ts";
import { latencyOf } from "./harm.ts";
import type { Traffic } from "./traffic.ts";

/** Deviations above what is expected that may still come. */
const LUCK = 3;

/** Requests of the smaller arm in the guard's window. In a stage of 100% stable's are kept, if few are held back. */
export function requestsInWindow(guard: ThresholdGuard, traffic: Traffic, percent: number): number {
  const smaller = percent === 100 ? 1 : Math.min(percent, 100 - percent) / 100;
  return traffic.perMinute * smaller * (guard.windowMs / 60_000);
}

/** Whether its window is ever likely to hold the requests it needs of both arms. */
export function canBeFed(guard: ThresholdGuard, traffic: Traffic, percent: number): boolean {
  const expected = requestsInWindow(guard, traffic, percent);
  return expected + LUCK * Math.sqrt(expected) >= guard.minRequests;
}

/** Minutes until every threshold that holds a stage has enough requests; infinite where one never does. */
export function thresholdMinutes(policy: Policy, traffic: Traffic, percent: number): number {
  return policy.guards.reduce((longest, guard) => {
    if (isSequential(guard) || guard.action === "warn") return longest;
    if (!canBeFed(guard, traffic, percent)) return Number.POSITIVE_INFINITY;
    const full = guard.windowMs / 60_000;
    const needed = (guard.minRequests / requestsInWindow(guard, traffic, percent)) * full;
    return Math.max(longest, Math.min(needed, full));
  }, 0);
}

/**
 * The chance that a candidate as good as stable breaks it within some minutes, looked at once a window. It is looked
 * at every tick, so that the chance is higher yet.
 */
export function falseBreakChance(
  guard: ThresholdGuard,
  traffic: Traffic,
  percent: number,
  minutes: number,
): number {
  if (!canBeFed(guard, traffic, percent)) return 0;
  const n = Math.max(guard.minRequests, requestsInWindow(guard, traffic, percent));
  const windows = Math.max(1, minutes / (guard.windowMs / 60_000));
  return 1 - (1 - oneWindow(guard, traffic, n)) ** windows;
}

function oneWindow(guard: ThresholdGuard, traffic: Traffic, n: number): number {
  const { comparison, metric } = guard;
  if (metric.kind === "events") {
    // How often one kind of failure occurs is not known: no more than all of them.
    const { errorRate } = traffic;
    const differenceMax = comparison.kind === "difference" ? comparison.differenceMax : 0;
    // Fewer failures than one in the window cannot be told from chance by a normal approximation.
    if (differenceMax * n < 1) return poissonAbove(0, errorRate * n);
    return poissonAbove(Math.floor((errorRate + differenceMax) * n), errorRate * n);
  }
  const ratioMax = comparison.kind === "ratio" ? comparison.ratioMax : 1;
  const latency = latencyOf(metric, traffic);
  const edge = quantileBin(latency, metric.quantile) ?? 0;
  const beyond = countAbove(latency, edge + binsOfFactor(ratioMax)) / countOf(latency);
  return poissonAbove(Math.floor((1 - metric.quantile) * n), beyond * n);
}

const EXACT_MAX = 500;

/** The chance of more than `k` events where `mean` are expected. */
function poissonAbove(k: number, mean: number): number {
  if (mean > EXACT_MAX) return 1 - normalBelow((k + 0.5 - mean) / Math.sqrt(mean));
  let term = Math.exp(-mean);
  let sum = term;
  for (let i = 1; i <= k; i++) {
    term *= mean / i;
    sum += term;
  }
  return Math.max(0, 1 - sum);
}
