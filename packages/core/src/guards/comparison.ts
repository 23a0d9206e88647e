// What a guard compares: both arms over its window of mature evidence.

import type { ArmSums, Evidence, WindowTick } from "../evidence/evidence.ts";
import { emptyArmSum, type WholeSum, wholeSumOf } from "../evidence/window.ts";
import { candidateSlotsOf, type Rollout, slotsMaxOf } from "../rollout/rollout.ts";
import { type Guard, isSequential, type ThresholdGuard } from "./guard.ts";
import type { Verdict } from "./verdict.ts";

/** Both arms over a guard's window. */
export type Comparison = {
  readonly candidate: WholeSum;
  readonly stable: WholeSum;
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
  const { candidate, stable } = windowSums(guard, rollout, evidence);
  // Once all stages are behind it, stable may have no users to compare with, or too few: the last full window is. It is
  // that of all requests, also for a guard of one segment.
  const last = candidateSlotsOf(rollout.phase, rollout.policy) >= slotsMaxOf(rollout.policy);
  if (last && stable.counted < requestsNeeded(guard) && evidence.keptStable !== null) {
    return { candidate, stable: evidence.keptStable, baseline: "kept" };
  }
  return { candidate, stable, baseline: "concurrent" };
}

type WindowSums = Pick<Comparison, "candidate" | "stable">;

/** Of evidence, by what a guard sees of it: most guards look at the same window of all requests. */
const WINDOWS = new WeakMap<Evidence, Map<string, WindowSums>>();

function windowSums(guard: Guard, rollout: Rollout, evidence: Evidence): WindowSums {
  const entries = entriesOf(guard, rollout, evidence);
  if (entries.length === 0) return { candidate: emptyArmSum(), stable: emptyArmSum() };
  const known = WINDOWS.get(evidence) ?? new Map<string, WindowSums>();
  WINDOWS.set(evidence, known);
  const key = `${guard.windowMs} ${guard.segment === null ? "" : guard.id}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  const own = entries.map((entry) => sumsOf(guard, entry));
  const sums = {
    candidate: wholeSumOf(own.map(({ candidate }) => candidate)),
    stable: wholeSumOf(own.map(({ stable }) => stable)),
  };
  known.set(key, sums);
  return sums;
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
