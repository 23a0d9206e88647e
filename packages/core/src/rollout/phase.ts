// Where a rollout stands, and how many users the candidate has there.

import type { Policy } from "../policy.ts";
import { SLOTS, slotsOfPercent } from "../slots.ts";

/** Where a pause holds, and where a step back lands: a stage by its index, or bake. */
export type Place = number | "bake";

/**
 * Times are milliseconds since the epoch. `confirmedAtMs` is when every gateway had confirmed the phase's
 * table; until then its hold time does not run.
 */
export type Phase =
  | { readonly kind: "preflight"; readonly sinceMs: number }
  | {
      readonly kind: "stage";
      readonly stage: number;
      readonly sinceMs: number;
      readonly confirmedAtMs: number | null;
    }
  | { readonly kind: "bake"; readonly sinceMs: number; readonly confirmedAtMs: number | null }
  | { readonly kind: "paused"; readonly at: Place; readonly sinceMs: number }
  | { readonly kind: "stepping-back"; readonly stage: number; readonly sinceMs: number }
  | { readonly kind: "rolling-back"; readonly from: Place | "preflight"; readonly sinceMs: number }
  | {
      readonly kind: "rolled-back";
      readonly from: Place | "preflight";
      readonly sinceMs: number;
      /** From the commit of the rollback to the last gateway's confirmation. */
      readonly confirmMs: number;
      /** Members that did not confirm before their lease expired. */
      readonly expired: readonly string[];
    }
  | { readonly kind: "completed"; readonly sinceMs: number; readonly warmUntilMs: number };

export const PHASES: readonly Phase["kind"][] = [
  "preflight",
  "stage",
  "bake",
  "paused",
  "stepping-back",
  "rolling-back",
  "rolled-back",
  "completed",
];

/** A finished rollout never moves again. */
export function isFinished(phase: Phase): boolean {
  return phase.kind === "rolled-back" || phase.kind === "completed";
}

/**
 * The most slots that the candidate owns before the rollout completes. The last ones are held back: whoever has them is
 * the control for everybody else.
 */
export function slotsMaxOf({ holdbackPercent = 0 }: Policy): number {
  return SLOTS - slotsOfPercent(holdbackPercent);
}

/** The share of users that the candidate has in a stage, in percent: what is held back is not in it. */
export function stageSharePercent(stage: number, policy: Policy): number {
  return (slotsOfPlace(stage, policy) / SLOTS) * 100;
}

function slotsOfPlace(place: Place, policy: Policy): number {
  const most = slotsMaxOf(policy);
  if (place === "bake") return most;
  return Math.min(most, slotsOfPercent(policy.stages[place]?.percent ?? 0));
}

/** How many slots the candidate owns in a phase. Completed counts as all: the candidate is then stable. */
export function candidateSlotsOf(phase: Phase, policy: Policy): number {
  switch (phase.kind) {
    case "preflight":
    case "rolling-back":
    case "rolled-back":
      return 0;
    case "stage":
    case "stepping-back":
      return slotsOfPlace(phase.stage, policy);
    case "paused":
      return slotsOfPlace(phase.at, policy);
    case "bake":
      return slotsOfPlace("bake", policy);
    case "completed":
      return SLOTS;
  }
}

/** The place a phase stands at; null before the first stage and once it is moving back or finished. */
export function placeOf(phase: Phase): Place | null {
  switch (phase.kind) {
    case "stage":
      return phase.stage;
    case "bake":
      return "bake";
    case "paused":
      return phase.at;
    default:
      return null;
  }
}
