// Sticky assignment. A rollout gives every user key a slot, for good; the candidate owns the first slots.
// Growing a stage therefore never moves a user back, and shrinking it moves back the last ones in.

import type { Audience, Requester } from "./audience.ts";
import type { ServingArm, Via } from "./evidence/row.ts";
import { murmur3 } from "./murmur3.ts";
import { SLOTS } from "./slots.ts";

/** The slot of a user key in a rollout: an integer in [0, SLOTS). */
export function slotOf(rolloutId: string, key: string): number {
  return Math.floor((murmur3(`${rolloutId}:${key}`) * SLOTS) / 2 ** 32);
}

export type Assigning = {
  readonly rolloutId: string;
  readonly candidateSlots: number;
  /** Where a request without a key goes. */
  readonly withoutKey: "stable" | "per-request";
  readonly audience: Audience;
  /** Uniform in [0, 1): decides for a request without a key that is split by itself. */
  readonly draw: () => number;
};

export type Assignment = {
  readonly arm: ServingArm;
  readonly via: Via;
  /** The ring that put it there; null for none. */
  readonly ring: string | null;
};

const EXCLUDED: Assignment = { arm: "stable", via: "excluded", ring: null };
const STABLE: Assignment = { arm: "stable", via: "split", ring: null };
const CANDIDATE: Assignment = { arm: "candidate", via: "split", ring: null };

/** Where a request goes while a rollout is under way. Growing the candidate's slots never takes it off the candidate. */
export function assignmentOf(assigning: Assigning, requester: Requester): Assignment {
  const { audience, candidateSlots } = assigning;
  const group = audience.groupOf(candidateSlots, requester);
  if (group?.kind === "excluded") return EXCLUDED;
  if (group?.kind === "ring") return { arm: "candidate", via: "ring", ring: group.ring };
  return isInSplit(assigning, requester.key) ? CANDIDATE : STABLE;
}

function isInSplit(
  { rolloutId, candidateSlots, withoutKey, draw }: Assigning,
  key: string | null,
): boolean {
  if (candidateSlots === 0) return false;
  if (candidateSlots >= SLOTS) return true;
  if (key !== null) return slotOf(rolloutId, key) < candidateSlots;
  return withoutKey === "per-request" && draw() * SLOTS < candidateSlots;
}
