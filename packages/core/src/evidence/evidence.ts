// What a rollout has learnt from its ticks so far. Absorbed tick by tick, never recomputed from all evidence.

import { type DistinctSum, NO_USERS } from "../distinct.ts";
import type { GuardsEvidence } from "../guards/sequential/guard-evidence.ts";
import { emptyLot, type LotEvidence } from "../lot/lot-evidence.ts";
import type { Slices } from "../segment.ts";
import { emptyTrends, type TrendsEvidence } from "../trends/trend.ts";
import type { Feedback } from "./feedback.ts";
import { NO_SENDERS, type Senders } from "./senders.ts";
import { noStableLevel, type StableLevel } from "./stable-level.ts";
import type { ArmSum, WholeSum } from "./window.ts";

export type WindowTick = {
  readonly tick: number;
  readonly endMs: number;
  /** Members whose evidence is missing in it. */
  readonly missing: readonly string[];
  readonly stable: ArmSum;
  readonly candidate: ArmSum;
  /** Of guards that are confined to a segment, what they compare, by guard. */
  readonly own: { readonly [guard: string]: ArmSums };
};

export type ArmSums = { readonly stable: ArmSum; readonly candidate: ArmSum };

/** All requests of an arm in a segment since the rollout started: who was affected, and how. */
export type SegmentTotal = {
  arrivals: number;
  counted: number;
  bad: number;
  /** Of the bad ones, those that a replay to stable hid. */
  spared: number;
  users: DistinctSum;
  feedback: Feedback | null;
};

export type StageCounts = {
  /** Whoever was on the candidate. */
  readonly candidateCounted: number;
  /** Of requests that were split: these tell the actual share. */
  readonly candidateArrivals: number;
  readonly stableArrivals: number;
  readonly keylessArrivals: number;
  /** Those that were not split, by why. */
  readonly apart: { readonly ring: number; readonly excluded: number; readonly kept: number };
  /** Arrivals that continued a conversation, by whether the gateway worker knew where it had been. */
  readonly turns: { readonly known: number; readonly unknown: number };
};

export const NO_STAGE_COUNTS: StageCounts = {
  candidateCounted: 0,
  candidateArrivals: 0,
  stableArrivals: 0,
  keylessArrivals: 0,
  apart: { ring: 0, excluded: 0, kept: 0 },
  turns: { known: 0, unknown: 0 },
};

export type Evidence = {
  /** The last tick absorbed; -1 for none. */
  readonly watermark: number;
  /** End of the last tick absorbed; null for none. */
  readonly endMs: number | null;
  /** Ticks as far back as the longest guard's window reaches, oldest first. */
  readonly window: readonly WindowTick[];
  /** What the sequential guards have gathered, by guard. */
  readonly tests: GuardsEvidence;
  /** Which users send how much. */
  readonly senders: Senders;
  /** The stable arm over its last full window with enough requests, kept for when it has no users left. */
  readonly keptStable: WholeSum | null;
  /** Stable against its own past. */
  readonly stableLevel: StableLevel;
  /** The stage that `stage` counts: the number of the table that began it. */
  readonly stageTable: number;
  /** The table that `window`, `tests` and `senders` start from. */
  readonly evidenceFrom: number;
  /** Judged and arrived requests assigned by the stage's table or a later one. */
  readonly stage: StageCounts;
  readonly totals: {
    readonly stable: { readonly [segment: string]: SegmentTotal };
    readonly candidate: { readonly [segment: string]: SegmentTotal };
  };
  /** Who was on the candidate, of all segments together; counted up to `MANY_USERS`. */
  readonly candidateUsers: DistinctSum;
  /** The dimensions beside the segment, since the rollout started. */
  readonly slices: { readonly stable: Slices; readonly candidate: Slices };
  /** Whom the lot sent where in this stage. */
  readonly lot: LotEvidence;
  /** The series of the policy's trends in this stage. */
  readonly trends: TrendsEvidence;
};

/** With fewer on the candidate, one user's luck is the version's; how many more there are changes nothing. */
export const MANY_USERS = 100;

/** More segments than this are counted together. */
export const SEGMENTS_MAX = 200;
export const OTHER_SEGMENT = "other";

export function emptyEvidence(stageTable: number): Evidence {
  return {
    watermark: -1,
    endMs: null,
    window: [],
    tests: {},
    senders: NO_SENDERS,
    keptStable: null,
    stableLevel: noStableLevel(stageTable),
    stageTable,
    evidenceFrom: stageTable,
    stage: NO_STAGE_COUNTS,
    totals: { stable: {}, candidate: {} },
    candidateUsers: NO_USERS,
    slices: { stable: {}, candidate: {} },
    lot: emptyLot(stageTable),
    trends: emptyTrends(stageTable),
  };
}
