// Who was on the candidate, and how that went, in one course of a backtest.

import { type Distinct, mergeDistinctInto } from "../distinct.ts";
import { badOf } from "../evidence/row.ts";
import type { Tick } from "../evidence/tick.ts";

export type Harm = {
  /** Requests of users on the candidate. */
  requests: number;
  /** Of those, that failed; as far as they have outcomes. */
  bad: number;
  /** Of the bad ones, those that a replay to stable hid. */
  spared: number;
  /** Of the requests, those whose outcome nobody knows: the record had them on stable. */
  unknown: number;
  /** Users on the candidate in the record, in the ticks in which this course had any there. */
  readonly users: Distinct;
  /** Requests of those ticks on the candidate in the record. */
  recorded: number;
};

export function emptyHarm(): Harm {
  return { requests: 0, bad: 0, spared: 0, unknown: 0, users: [], recorded: 0 };
}

/** `recorded`: the tick that `tick` was made from; null where it is that itself. */
export function plusTick(harm: Harm, tick: Tick, recorded: Tick | null): void {
  const before = harm.requests;
  for (const row of tick.rows) {
    if (row.arm !== "candidate") continue;
    harm.requests += row.arrivals;
    harm.bad += badOf(row);
    harm.spared += row.spared;
    if (recorded !== null && row.judged === 0) harm.unknown += row.arrivals;
  }
  if (harm.requests === before) return;
  for (const row of (recorded ?? tick).rows) {
    if (row.arm !== "candidate") continue;
    harm.recorded += row.arrivals;
    mergeDistinctInto(harm.users, row.users);
  }
}
