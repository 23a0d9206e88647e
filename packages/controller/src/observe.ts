// What the controller tells whoever counts: everything that a person on call asks first. Nothing depends on the answer.

import type { JournalEntry } from "@slipway/wire";

export type Observe = {
  /** A frame was answered: `accepted`, or the code of its refusal. */
  readonly frame: (outcome: string) => void;
  /** A whole turn: leases, then every rollout; with what it waited for the store. */
  readonly turned: (tookMs: number) => void;
  /** A rollout's turn: its ticks absorbed, and what to do next decided. */
  readonly looked: (tookMs: number) => void;
  /** Ticks were consumed; `partial`: how many of them without some member's evidence. */
  readonly matured: (ticks: number, partial: number) => void;
  readonly committed: (tookMs: number) => void;
  readonly commitFailed: () => void;
  readonly entry: (entry: JournalEntry) => void;
  /** An attempt to deliver a notification has ended. */
  readonly notified: (target: string, outcome: "delivered" | "retried" | "failed") => void;
};

const NOTHING = (): void => {};

export const UNOBSERVED: Observe = {
  frame: NOTHING,
  turned: NOTHING,
  looked: NOTHING,
  matured: NOTHING,
  committed: NOTHING,
  commitFailed: NOTHING,
  entry: NOTHING,
  notified: NOTHING,
};
