// A verdict: what one guard says about one look, with its numbers.

import type { Guard } from "../policy.ts";
import type { Interval } from "./interval.ts";
import type { Finding } from "./sequential/finding.ts";

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
  readonly kind: Guard["kind"];
  readonly status: "pass" | "fail" | "wait";
  /**
   * What is compared with the limit: a ratio, or a difference of shares. A lower bound where the candidate is `over`;
   * null where it cannot be told, and where that bound says less than the limit.
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
};
