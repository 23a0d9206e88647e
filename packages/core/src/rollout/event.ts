// What a rollout's journal holds: everything that ever moved it, and every look that changed a verdict.

import type { Verdict } from "../guards/verdict.ts";
import type { Score } from "../load/calibration.ts";
import type { Forecast } from "../load/forecast-outcome.ts";
import type { Trip } from "../trip/trip.ts";
import type { ControlEvent, Controls } from "./controls.ts";
import type { Rollout } from "./rollout.ts";

/** Where a decision takes a rollout. */
export type Move =
  | { readonly kind: "advance"; readonly stage: number }
  | { readonly kind: "bake" }
  | { readonly kind: "complete" }
  | { readonly kind: "pause" }
  | { readonly kind: "resume" }
  | { readonly kind: "step-back"; readonly stage: number }
  | { readonly kind: "roll-back" };

/** Why: a stable code for machines, and a sentence with numbers for people. */
export type Because = {
  readonly code: string;
  readonly text: string;
  /** The guard that decided, where one did. */
  readonly guard?: string;
  readonly measured?: number;
  readonly limit?: number;
  /** A person must look at it now. */
  readonly page?: true;
};

/** What a decision was made from, so that it can be made again. */
export type Look = {
  /** The last tick absorbed before it; -1 for none. */
  readonly watermark: number;
  /** SHA-256 (hex) of the canonical JSON of the state that was decided on. */
  readonly stateHash: string;
  readonly verdicts: readonly Verdict[];
};

export type Cause =
  | { readonly kind: "evidence"; readonly because: Because }
  | {
      readonly kind: "operator";
      readonly by: string;
      readonly command: string;
      readonly because: Because;
    };

export type RolloutEvent =
  | ControlEvent
  | {
      readonly type: "started";
      readonly atMs: number;
      readonly table: number;
      readonly rollout: Pick<
        Rollout,
        | "id"
        | "model"
        | "from"
        | "to"
        | "policy"
        | "startedBy"
        | "reason"
        | "sharedPools"
        | "beside"
        | "gates"
        | "drill"
      > & { readonly controls?: Controls };
    }
  | {
      /** Nothing moved, but a verdict or the reason to hold changed. */
      readonly type: "looked";
      readonly atMs: number;
      readonly because: Because;
      readonly look: Look;
    }
  | {
      /** A gateway worker left the candidate by itself; the rollback follows as a move. */
      readonly type: "tripped";
      readonly atMs: number;
      readonly trip: Trip;
    }
  | {
      readonly type: "moved";
      readonly atMs: number;
      readonly move: Move;
      readonly cause: Cause;
      /** What can wait is shed until the rollout moves again. */
      readonly shed?: true;
      /** Number of the table minted in the same commit; the one before where routing did not change. */
      readonly table: number;
      readonly look: Look | null;
    }
  | {
      /** Every member assigns by `table` or a later one, or its lease has expired. */
      readonly type: "confirmed";
      readonly atMs: number;
      readonly table: number;
      readonly members: number;
      readonly expired: readonly string[];
      /** From the commit of the table to the last confirmation. */
      readonly confirmMs: number;
    }
  | {
      /** After a rollback: the candidate's last answer has ended on every member. */
      readonly type: "drained";
      readonly atMs: number;
      readonly drainedMs: number;
    }
  | {
      /** What the next stage will be like, computed beside the tick from the ticks that it names. */
      readonly type: "forecasted";
      readonly atMs: number;
      readonly forecast: Forecast;
    }
  | {
      /** How the stage was, that a forecast was of. */
      readonly type: "forecast-scored";
      readonly atMs: number;
      readonly score: Score;
    };
