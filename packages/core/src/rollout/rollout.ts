// A rollout: moving a model from its stable version to a candidate by a plan. Its state is what its journal says.

import { SLOTS, slotsOfPercent } from "../assign.ts";
import type { Forecast } from "../load/forecast.ts";
import type { Policy } from "../policy.ts";
import type { GateAtStart } from "../preflight/evidence.ts";
import type { Trip } from "../trip/trip.ts";
import type { Controls } from "./controls.ts";
import type { Neighbour } from "./shared-pools.ts";

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

/** A forecast whose stage has begun, until it is scored. Milliseconds since the epoch; null until then. */
export type Foreseen = {
  readonly forecast: Forecast;
  /** When every gateway had confirmed the stage, and when it was left. */
  readonly fromMs: number | null;
  readonly toMs: number | null;
};

export type Rollout = {
  readonly id: string;
  readonly model: string;
  /** Version ids. `from` is the stable version at the start. */
  readonly from: string;
  readonly to: string;
  /** As it was at the start: later changes of the model's policy do not touch a rollout under way. */
  readonly policy: Policy;
  readonly startedAtMs: number;
  readonly startedBy: string;
  readonly reason: string;
  /** Pools that had upstreams of both versions at the start; none where absent. */
  readonly sharedPools?: readonly string[];
  /** What used a pool of it when it was started all the same, as an operator said; nothing where absent. */
  readonly beside?: readonly Neighbour[];
  /** What it started with, of each gate that its model needed; none needed where absent. */
  readonly gates?: readonly GateAtStart[];
  /** A rehearsal: nobody real was on it. */
  readonly drill?: true;
  readonly phase: Phase;
  /** Number of the table that the current phase needs. */
  readonly table: number;
  /** Number of the table that first gave the current stage its share; evidence of the stage starts there. */
  readonly stageTable: number;
  /** Guards look at requests assigned by this table or a later one: a step back starts them afresh. */
  readonly evidenceFrom: number;
  /** From the commit of the rollback to the last answer of the candidate; null until known. */
  readonly drainedMs: number | null;
  /** The first report of a gateway worker that left the candidate by itself; null for none. */
  readonly trip: Trip | null;
  readonly controls: Controls;
  /** Stable may not take everybody: mirrors and background requests give way until the rollout moves again. */
  readonly shed?: true;
  /** The newest of the next stage, made in this one; null until then. */
  readonly forecast: Forecast | null;
  /** Those of stages that have begun, and are not scored yet; the oldest first. */
  readonly foreseen: readonly Foreseen[];
  /** Events applied so far; the next event carries this number. */
  readonly sequence: number;
};

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
