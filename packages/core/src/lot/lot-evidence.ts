// Whom the lot sent where in a stage: what tells whether the candidate gets the users and requests that it should, and
// whether they are like stable's. Only of what was split: rings, exclusions and diversions are somebody's intent.

import { type DistinctSum, NO_USERS, plusAllDistinct } from "../distinct.ts";
import { badOf, type EvidenceRow, KEY_BUCKETS } from "../evidence/row.ts";
import type { Tick } from "../evidence/tick.ts";
import type { Rollout } from "../rollout/rollout.ts";
import { addSlice, copyOfSlices, mergeSlicesInto, type Slices } from "../segment.ts";

type LotArm = {
  readonly assigned: number;
  /** Of them, those whose answer came to its end. */
  readonly completed: number;
  readonly users: DistinctSum;
  /** Requests and failures by value of each dimension, the judged one too. */
  readonly mix: Slices;
};

export type LotEvidence = {
  /** The number of the table that began the stage. */
  readonly stageTable: number;
  readonly candidate: LotArm;
  readonly stable: LotArm;
  /** Stable's requests by key-hash bucket: how unevenly users send. */
  readonly buckets: readonly number[];
};

const NO_ARM: LotArm = { assigned: 0, completed: 0, users: NO_USERS, mix: {} };

export function emptyLot(stageTable: number): LotEvidence {
  const buckets = new Array<number>(KEY_BUCKETS).fill(0);
  return { stageTable, candidate: NO_ARM, stable: NO_ARM, buckets };
}

/** What a mature tick adds. Each stage begins anew, since its share is another. */
export function withLot(before: LotEvidence, rollout: Rollout, { rows }: Tick): LotEvidence {
  const { stageTable } = rollout;
  const lot = before.stageTable === stageTable ? before : emptyLot(stageTable);
  const drawn = rows.filter(({ table, via }) => table >= stageTable && isDrawn(via));
  if (drawn.length === 0) return lot;
  return {
    stageTable,
    candidate: plus(lot.candidate, drawn.filter(isOnCandidateSlots), rollout),
    stable: plus(
      lot.stable,
      drawn.filter((row) => !isOnCandidateSlots(row)),
      rollout,
    ),
    buckets: withBuckets(lot.buckets, drawn),
  };
}

function withBuckets(before: readonly number[], drawn: readonly EvidenceRow[]): readonly number[] {
  const sums = before.slice();
  for (const { arm, via, buckets } of drawn) {
    if (arm !== "stable" || via !== "split") continue;
    for (let bucket = 0; bucket < sums.length; bucket++) {
      sums[bucket] = (sums[bucket] ?? 0) + (buckets.arrivals[bucket] ?? 0);
    }
  }
  return sums;
}

function isDrawn(via: EvidenceRow["via"]): boolean {
  return via === "split" || via === "kept";
}

/** A conversation that stayed on stable has a slot of the candidate: the lot fell on the candidate all the same. */
function isOnCandidateSlots({ arm, via }: EvidenceRow): boolean {
  return arm === "candidate" || via === "kept";
}

function plus(before: LotArm, rows: readonly EvidenceRow[], { policy }: Rollout): LotArm {
  const [judged] = policy.evidence.segments;
  if (rows.length === 0) return before;
  const mix = copyOfSlices(before.mix);
  let { assigned, completed } = before;
  for (const row of rows) {
    const share = drawnShare(row, policy.keys.withoutKey);
    assigned += Math.round(row.arrivals * share);
    completed += Math.round((row.outcomes.ok ?? 0) * share);
    // What a kept conversation is like says nothing about what the candidate answers.
    if (row.via === "kept") continue;
    const counts = { arrivals: row.arrivals, bad: badOf(row) };
    if (judged !== undefined) addSlice(mix, judged.name, row.segment, counts);
    mergeSlicesInto(mix, row.slices);
  }
  const users = plusAllDistinct(
    before.users,
    rows.map((row) => row.users),
  );
  return { assigned, completed, users, mix };
}

/** Requests without a key that always go to stable were not drawn; they are taken to complete as often as the rest. */
function drawnShare({ arrivals, keyless }: EvidenceRow, withoutKey: string): number {
  if (withoutKey === "per-request" || arrivals === 0) return 1;
  return Math.max(0, arrivals - keyless) / arrivals;
}
