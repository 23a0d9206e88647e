// What a guard compares: both arms over its window of mature evidence.

import type { Evidence } from "../evidence/evidence.ts";
import type { WholeSum } from "../evidence/window.ts";
import { NO_SUMS, type Stretch, type WindowSums, windowSums } from "../evidence/window-sums.ts";
import { candidateSlotsOf, slotsMaxOf } from "../rollout/phase.ts";
import type { Rollout } from "../rollout/rollout.ts";
import { type Guard, isSequential, type ThresholdGuard } from "./guard.ts";
import type { Verdict } from "./verdict.ts";

/** Both arms over a guard's window. */
export type Comparison = {
  readonly candidate: WholeSum;
  readonly stable: WholeSum;
  readonly baseline: Verdict["baseline"];
};

/** Counted requests that a guard needs of each arm. No data is never a pass, whatever a policy says. */
export function requestsNeeded(guard: Guard): number {
  return isSequential(guard) ? 1 : Math.max(1, guard.minRequests);
}

export function compare(guard: Guard, rollout: Rollout, evidence: Evidence): Comparison {
  const { candidate, stable } = sumsFor(guard, rollout, evidence);
  // Once all stages are behind it, stable may have no users to compare with, or too few: the last full window is. It is
  // that of all requests, also for a guard of one segment.
  const last = candidateSlotsOf(rollout.phase, rollout.policy) >= slotsMaxOf(rollout.policy);
  if (last && stable.counted < requestsNeeded(guard) && evidence.keptStable !== null) {
    return { candidate, stable: evidence.keptStable, baseline: "kept" };
  }
  return { candidate, stable, baseline: "concurrent" };
}

/** Nothing between a step back and the first tick after it: what broke a guard before must not break it again. */
function isFrom({ evidenceFrom }: Rollout, evidence: Evidence): boolean {
  return evidence.evidenceFrom === evidenceFrom;
}

function sumsFor(guard: Guard, rollout: Rollout, evidence: Evidence): WindowSums {
  return isFrom(rollout, evidence) ? windowSums(evidence.window, stretchOf(guard)) : NO_SUMS;
}

/** What a guard compares: its segment's requests, or all. */
export function stretchOf({ id, segment, windowMs }: Guard): Stretch {
  return { windowMs, own: segment === null ? null : id };
}

/** Members whose evidence is missing somewhere in the window. */
export function missingIn(guard: Guard, rollout: Rollout, evidence: Evidence): readonly string[] {
  if (!isFrom(rollout, evidence)) return NOBODY;
  const from = (evidence.endMs ?? 0) - guard.windowMs;
  const missing = new Set<string>();
  for (const entry of evidence.window) {
    if (entry.missing.length === 0 || entry.endMs <= from) continue;
    for (const member of entry.missing) missing.add(member);
  }
  return missing.size === 0 ? NOBODY : [...missing].sort();
}

const NOBODY: readonly string[] = [];

/** What a guard says while either arm is too thin; null when both have enough. */
export function waitForData(guard: ThresholdGuard, comparison: Comparison): string | null {
  const { candidate, stable } = comparison;
  const needed = requestsNeeded(guard);
  if (candidate.counted < needed) return `${candidate.counted} of ${needed} candidate requests`;
  if (stable.counted < needed) return `${stable.counted} of ${needed} stable requests`;
  return null;
}
