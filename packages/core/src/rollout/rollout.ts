// A rollout: moving a model from its stable version to a candidate by a plan. Its state is what its journal says.

import type { Forecast } from "../load/forecast-outcome.ts";
import type { Policy } from "../policy.ts";
import type { GateAtStart } from "../preflight/evidence.ts";
import type { Trip } from "../trip/trip.ts";
import type { Controls } from "./controls.ts";
import type { Phase } from "./phase.ts";
import type { Neighbour } from "./shared-pools.ts";

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
  /** The first of the looks, without another in between, that a broken guard held it; absent where the last did not. */
  readonly blockedSinceMs?: number;
  /** Stable may not take everybody: mirrors and background requests give way until the rollout moves again. */
  readonly shed?: true;
  /** The newest of the next stage, made in this one; null until then. */
  readonly forecast: Forecast | null;
  /** Those of stages that have begun, and are not scored yet; the oldest first. */
  readonly foreseen: readonly Foreseen[];
  /** Events applied so far; the next event carries this number. */
  readonly sequence: number;
};
