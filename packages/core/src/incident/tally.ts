// What of a tick an incident counts: requests, failures, what replay spared, answers that were none, times, tokens and
// users, by arm and segment. Less than a tenth of the tick, since hours of them are kept at once.

import { type Distinct, mergeDistinctInto } from "../distinct.ts";
import {
  badOf,
  countedOf,
  type EvidenceRow,
  isCompared,
  type ServingArm,
} from "../evidence/row.ts";
import type { Tick } from "../evidence/tick.ts";
import type { LatencyTime } from "../guards/guard.ts";
import { emptyHistogram, type Histogram, mergeInto } from "../histogram.ts";

export type HarmTally = {
  requests: number;
  /** Requests that say something about their version. */
  counted: number;
  failed: number;
  /** Of the failed, those that a replay to stable hid from the user. */
  spared: number;
  /** Answers that came whole and could be read, and of those the ones that were refused, empty or cut off. */
  read: number;
  unanswered: number;
  tokens: { input: number; output: number };
  times: Histogram;
  users: Distinct;
};

export type Tallies = { readonly [segment: string]: HarmTally };

export type TickTally = {
  readonly startMs: number;
  readonly endMs: number;
  readonly missing: readonly string[];
  readonly arms: { readonly [arm in ServingArm]: Tallies };
  /** Those of stable's requests that are like the candidate's. */
  readonly baseline: Tallies;
};

export function emptyTally(): HarmTally {
  return {
    requests: 0,
    counted: 0,
    failed: 0,
    spared: 0,
    read: 0,
    unanswered: 0,
    tokens: { input: 0, output: 0 },
    times: emptyHistogram(),
    users: [],
  };
}

export function tallyOf(
  { endMs, missing, rows }: Tick,
  tickMs: number,
  time: LatencyTime,
): TickTally {
  const of = (arm: ServingArm): readonly EvidenceRow[] => rows.filter((row) => row.arm === arm);
  const all = of("stable");
  const compared = all.filter(isCompared);
  const stable = talliesOf(all, time);
  return {
    startMs: endMs - tickMs,
    endMs,
    missing,
    arms: { stable, candidate: talliesOf(of("candidate"), time) },
    baseline: compared.length === all.length ? stable : talliesOf(compared, time),
  };
}

function talliesOf(rows: readonly EvidenceRow[], time: LatencyTime): Tallies {
  const tallies = new Map<string, HarmTally>();
  for (const row of rows) {
    const known = tallies.get(row.segment);
    // A segment has one row mostly, whose own users and times do: they are never changed.
    tallies.set(row.segment, known === undefined ? tallyOfRow(row, time) : plus(known, row, time));
  }
  return Object.fromEntries(tallies);
}

function plus(known: HarmTally, row: EvidenceRow, time: LatencyTime): HarmTally {
  const sum = emptyTally();
  addTally(sum, known);
  addTally(sum, tallyOfRow(row, time));
  return sum;
}

function tallyOfRow(row: EvidenceRow, time: LatencyTime): HarmTally {
  const { answered = 0, refused = 0, empty = 0 } = row.endings;
  const unanswered = refused + empty + (row.endings["cut-off"] ?? 0);
  return {
    requests: row.arrivals,
    counted: countedOf(row),
    failed: badOf(row),
    spared: row.spared,
    read: answered + unanswered,
    unanswered,
    tokens: { input: row.tokens.input, output: row.tokens.output },
    times: row.latency[time],
    users: row.users,
  };
}

/** Adds `source` to `target`. */
export function addTally(target: HarmTally, source: HarmTally): void {
  for (const field of ["requests", "counted", "failed", "spared", "read", "unanswered"] as const) {
    target[field] += source[field];
  }
  target.tokens.input += source.tokens.input;
  target.tokens.output += source.tokens.output;
  mergeInto(target.times, source.times);
  mergeDistinctInto(target.users, source.users);
}

/** Over many ticks, by segment. */
export function sumBySegment(all: readonly Tallies[]): ReadonlyMap<string, HarmTally> {
  const sums = new Map<string, HarmTally>();
  for (const tallies of all) {
    for (const [segment, tally] of Object.entries(tallies)) {
      const sum = sums.get(segment) ?? emptyTally();
      addTally(sum, tally);
      sums.set(segment, sum);
    }
  }
  return sums;
}
