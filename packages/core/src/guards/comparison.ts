// What a guard compares: both arms over its window of mature evidence.

import { SLOTS } from "../assign.ts";
import type { ArmSums, Evidence, WindowTick } from "../evidence/evidence.ts";
import { type ArmSum, addArmSum, emptyArmSum } from "../evidence/window.ts";
import { candidateSlotsOf, type Rollout } from "../rollout/rollout.ts";
import { type Guard, isSequential, type ThresholdGuard } from "./guard.ts";
import type { Verdict } from "./verdict.ts";

/** Both arms over a guard's window. */
export type Comparison = {
  readonly candidate: ArmSum;
  readonly stable: ArmSum;
  readonly baseline: Verdict["baseline"];
};

/** Nothing between a step back and the first tick after it: what broke a guard before must not break it again. */
function entriesOf(guard: Guard, rollout: Rollout, evidence: Evidence): Evidence["window"] {
  if (evidence.evidenceFrom !== rollout.evidenceFrom) return [];
  const from = (evidence.endMs ?? 0) - guard.windowMs;
  return evidence.window.filter((entry) => entry.endMs > from);
}

/** What a guard compares in a tick: its segment's requests, or all. */
export function sumsOf({ id }: Pick<Guard, "id">, entry: WindowTick): ArmSums {
  return entry.own[id] ?? entry;
}

/** Counted requests that a guard needs of each arm. No data is never a pass, whatever a policy says. */
export function requestsNeeded(guard: Guard): number {
  return isSequential(guard) ? 1 : Math.max(1, guard.minRequests);
}

export function compare(guard: Guard, rollout: Rollout, evidence: Evidence): Comparison {
  const candidate = emptyArmSum();
  const stable = emptyArmSum();
  for (const entry of entriesOf(guard, rollout, evidence)) {
    const sums = sumsOf(guard, entry);
    addArmSum(candidate, sums.candidate);
    addArmSum(stable, sums.stable);
  }
  // Once everybody is on the candidate, stable has no users to compare with: the last full window is. It is that of
  // all requests, also for a guard of one segment.
  const alone = candidateSlotsOf(rollout.phase, rollout.policy) === SLOTS;
  if (alone && stable.counted < requestsNeeded(guard) && evidence.keptStable !== null) {
    return { candidate, stable: evidence.keptStable, baseline: "kept" };
  }
  return { candidate, stable, baseline: "concurrent" };
}

/** Members whose evidence is missing somewhere in the window. */
export function missingIn(guard: Guard, rollout: Rollout, evidence: Evidence): readonly string[] {
  const entries = entriesOf(guard, rollout, evidence);
  return [...new Set(entries.flatMap((entry) => entry.missing))].sort();
}

/** What a guard says while either arm is too thin; null when both have enough. */
export function waitForData(guard: ThresholdGuard, comparison: Comparison): string | null {
  const { candidate, stable } = comparison;
  const needed = requestsNeeded(guard);
  if (candidate.counted < needed) return `${candidate.counted} of ${needed} candidate requests`;
  if (stable.counted < needed) return `${stable.counted} of ${needed} stable requests`;
  return null;
}
