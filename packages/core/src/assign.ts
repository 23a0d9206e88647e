// Sticky assignment. A rollout gives every user key a slot, for good; the candidate owns the first slots.
// Growing a stage therefore never moves a user back, and shrinking it moves back the last ones in.

import { murmur3 } from "./murmur3.ts";

/** Resolution of a share: basis points. */
export const SLOTS = 10_000;

/** The slot of a user key in a rollout: an integer in [0, SLOTS). */
export function slotOf(rolloutId: string, key: string): number {
  return Math.floor((murmur3(`${rolloutId}:${key}`) * SLOTS) / 2 ** 32);
}

/** How many slots a share in percent owns. A share above zero owns at least one. */
export function slotsOfPercent(percent: number): number {
  if (percent <= 0) return 0;
  return Math.min(SLOTS, Math.max(1, Math.round((percent * SLOTS) / 100)));
}
