// When an incident will be over, told from how long earlier ones took: a range with the number of cases it rests on,
// since a single figure would claim to know.

import type { Estimate } from "./remark.ts";

/** Of fewer cases it is an early estimate, and says so. */
export const SAMPLES_ENOUGH = 5;
const LOW_QUANTILE = 0.5;
const HIGH_QUANTILE = 0.9;
/** The newest so many count: machinery changes. */
export const SAMPLES_MAX = 50;

/** `durationsMs`: of earlier recoveries, from the decision to the last gateway's confirmation. Null without any. */
export function estimateFrom(durationsMs: readonly number[], fromMs: number): Estimate | null {
  const sorted = [...durationsMs].sort((a, b) => a - b);
  const low = quantileOf(sorted, LOW_QUANTILE);
  const high = quantileOf(sorted, HIGH_QUANTILE);
  if (low === null || high === null) return null;
  return {
    lowMs: fromMs + low,
    highMs: fromMs + high,
    basis: "rollback-history",
    samples: sorted.length,
  };
}

/** Nearest rank: always a duration that there was. */
function quantileOf(sorted: readonly number[], share: number): number | null {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
}

export function isEarly({ samples }: Estimate): boolean {
  return samples !== null && samples < SAMPLES_ENOUGH;
}

/** Still going on after the latest moment it was to be over. */
export function isExceeded({ highMs }: Estimate, nowMs: number): boolean {
  return nowMs > highMs;
}
