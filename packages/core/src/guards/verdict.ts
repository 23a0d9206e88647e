// A verdict: what one guard says about one look, with its numbers.

import { type Guard, type GuardAction, type GuardComparison, isPrimary } from "./guard.ts";
import type { Interval } from "./interval.ts";
import type { Unit } from "./metric-text.ts";
import type { Finding } from "./sequential/finding-outcome.ts";

export type ArmMeasure = {
  /** In the guard's unit; null when there is nothing to measure. Infinity travels as null with `over` set. */
  readonly value: number | null;
  /** True when the value lies above everything that was measured: too many requests never finished. */
  readonly over: boolean;
  /** Requests it rests on. */
  readonly n: number;
};

export type Verdict = {
  readonly guard: string;
  /** Of the arms' values. */
  readonly unit: Unit;
  /** What `measured`, `limit` and `interval` are: ratios, differences of shares, or values of the candidate alone. */
  readonly comparison: GuardComparison["kind"];
  readonly status: "pass" | "fail" | "wait";
  /** What the rollout does when it fails: the guard's own, or `block` where one replica, or one heavy user, alone carries it, or few users may. */
  readonly action: GuardAction;
  /** Whether a stage waits until it passes. */
  readonly holds: boolean;
  /**
   * What is compared with the limit: a ratio, a difference of shares, or a value. A lower bound where the candidate is
   * `over`; null where it cannot be told, and where that bound says less than the limit.
   */
  readonly measured: number | null;
  readonly limit: number;
  readonly candidate: ArmMeasure;
  readonly stable: ArmMeasure;
  /** Whether stable was measured at the same time, or kept from before the candidate had all users. */
  readonly baseline: "concurrent" | "kept";
  /** Where what is compared with the limit lies; null while there is nothing to measure. */
  readonly interval: Interval | null;
  readonly text: string;
  /** What the evidence of a sequential guard amounts to; a threshold has none. */
  readonly finding?: Finding;
  /** What to keep in mind about its numbers. */
  readonly caution?: string;
};

/** What a decision needs of a guard. All else of its verdict is numbers and words for people: most ticks nobody looks. */
export type Standing = Pick<Verdict, "guard" | "action" | "holds" | "status"> & {
  /** Worse than stable's record, and not known yet whether for the version or for the hour, see `late-harm.ts`. */
  readonly isOpen: boolean;
  readonly verdict: () => Verdict;
};

/** Of a guard whose verdict is there. */
export function standingAs(verdict: Verdict): Standing {
  const { guard, action, holds, status, finding } = verdict;
  return {
    guard,
    action,
    holds,
    status,
    isOpen: finding?.late?.open === true,
    verdict: () => verdict,
  };
}

/** No data is never a pass for what every request tells. What users may say, or not, is heard when they say it. */
export function holdsStage(guard: Guard): boolean {
  return guard.action !== "warn" && (guard.test === "threshold" || isPrimary(guard));
}
