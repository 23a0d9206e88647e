// What metrics providers compute from a minute, or from several together.
import { countAbove, countOf, emptyHistogram, mergeInto, quantile } from "@slipway/core";
import type { ArmMinute } from "./rule.ts";

/** Null where nothing arrived: a query then returns no value, or 0/0. */
export function errorRateOf({ requests, failures }: ArmMinute): number | null {
  return requests === 0 ? null : failures / requests;
}

/** By the nearest rank, so that of fifty answers it is the slowest. Null where nothing was answered. */
export function p99MsOf({ latency }: ArmMinute): number | null {
  const n = countOf(latency);
  const index = Math.ceil(0.99 * n) - 1;
  return n < 2 ? quantile(latency, 1) : quantile(latency, (index + 0.5) / (n - 1));
}

export function together(minutes: readonly ArmMinute[]): ArmMinute {
  const latency = emptyHistogram();
  for (const minute of minutes) mergeInto(latency, minute.latency);
  return {
    requests: minutes.reduce((sum, { requests }) => sum + requests, 0),
    failures: minutes.reduce((sum, { failures }) => sum + failures, 0),
    latency,
  };
}

/** Answers whose latency lies above a bin, and all answers. */
export function slowerThan({ latency }: ArmMinute, bin: number): { n: number; bad: number } {
  return { n: countOf(latency), bad: countAbove(latency, bin) };
}
