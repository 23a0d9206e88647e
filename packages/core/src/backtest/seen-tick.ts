// What of a recorded tick a course with another share would have seen: both arms thinned to what they would have had
// at most. Whose turn a request was is known for any share; how the other arm would have answered it is not.

import { type EvidenceRow, emptyRow, type ServingArm } from "../evidence/row.ts";
import type { Tick } from "../evidence/tick.ts";
import type { Random } from "../random.ts";
import { SLOTS } from "../slots.ts";
import { thinnedRow } from "./thinned-row.ts";

/** The candidate's slots from a table on. */
export type Share = { readonly table: number; readonly sinceMs: number; readonly slots: number };

type Courses = {
  readonly realShares: readonly Share[];
  readonly triedShares: readonly Share[];
  readonly random: Random;
};

export type SeenTick = {
  readonly tick: Tick;
  /** Whether the tried share is larger than the recorded one, so that evidence is missing. */
  readonly isBeyond: boolean;
  /** Whether stable had nobody in the record, so that there is nothing to compare with. */
  readonly isAlone: boolean;
};

/** Null once nobody is on the candidate any more in the record, though somebody would be. */
export function seenUnder(tick: Tick, startMs: number, courses: Courses): SeenTick | null {
  const { realShares, triedShares, random } = courses;
  const tried = triedShares.findLast(({ sinceMs }) => sinceMs <= startMs) ?? triedShares[0];
  const realNow = realShares.findLast(({ sinceMs }) => sinceMs <= startMs);
  if (tried === undefined || realNow === undefined) return null;
  const isOver = realNow.slots === 0 && realShares.some(({ slots }) => slots > 0);
  if (isOver && tried.slots > 0) return null;
  const moved = new Map<string, EvidenceRow>();
  const rows = tick.rows.map((row): EvidenceRow => {
    const here = { ...row, table: tried.table };
    if (row.via !== "split") return here;
    const real = realShares.findLast(({ table }) => table <= row.table) ?? realNow;
    const keep = keptOf(row.arm, tried.slots, real.slots);
    const thinned = thinnedRow(here, keep, random);
    move(moved, here, row.arrivals - thinned.arrivals);
    return thinned;
  });
  return {
    tick: { ...tick, rows: [...rows, ...moved.values()] },
    isBeyond: tried.slots > realNow.slots,
    isAlone: realNow.slots === SLOTS && tried.slots < SLOTS,
  };
}

/** The part of an arm's requests that it would still have had. */
function keptOf(arm: ServingArm, tried: number, real: number): number {
  const [is, was] = arm === "candidate" ? [tried, real] : [SLOTS - tried, SLOTS - real];
  return was === 0 ? 1 : Math.min(1, is / was);
}

/** Requests that would have gone to the other arm arrive there, without an outcome. */
function move(moved: Map<string, EvidenceRow>, from: EvidenceRow, arrivals: number): void {
  if (arrivals === 0) return;
  const { rolloutId, table, tick, via, segment } = from;
  const arm = from.arm === "candidate" ? "stable" : "candidate";
  const key = `${arm}\n${segment}`;
  const row = moved.get(key) ?? emptyRow({ rolloutId, table, tick, arm, via, segment });
  row.arrivals += arrivals;
  moved.set(key, row);
}
