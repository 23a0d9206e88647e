// What the tests of causes look at: an incident's ticks as sums by arm and segment, before the harm and during it, with a
// short series over time and a bounded sample of requests. Filled tick by tick, so that no tick is kept.

import {
  badOf,
  countedOf,
  type EvidenceRow,
  emptyRow,
  type FailedSample,
  isCompared,
  mergeRowInto,
  type Sample,
  type ServingArm,
} from "../../evidence/row.ts";
import type { Tick } from "../../evidence/tick.ts";
import type { LatencyTime, Metric } from "../../guards/guard.ts";
import { BINS_PER_OCTAVE, binOf, countAbove, type Histogram } from "../../histogram.ts";
import type { Impact } from "../impact.ts";

export type CauseAsk = {
  readonly rolloutId: string;
  readonly tickMs: number;
  /** Which latency says what slow is, and from when on; null where no guard says. */
  readonly time: LatencyTime;
  readonly slowerThanMs: number | null;
  /** The harm. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Whether the counts show when it began, so that `fromMs` is that. */
  readonly hasBegan: boolean;
  readonly against: Impact["against"];
  /** When the candidate got which share of users, in percent, oldest first. */
  readonly shares: readonly { readonly atMs: number; readonly percent: number }[];
  /** What the guard that opened it looks at; null where no guard did. */
  readonly metric: Metric | "client-memory" | null;
  /** The one in which that guard found it; null where it did in all of them together. */
  readonly segment: string | null;
  /** Of the judged segments; null where traffic is one. */
  readonly dimension: { readonly name: string; readonly isLength: boolean } | null;
};

/** An arm's rows of all ticks of a time, summed by segment. */
export type Sums = Map<string, EvidenceRow>;
export type SumsByArm = { readonly [arm in ServingArm]: Sums };

/** One arm in one tick, or in a few. */
export type Beat = {
  requests: number;
  counted: number;
  failed: number;
  unanswered: number;
  slow: number;
  /** Sum of the base-2 logarithms of answers' times, and how many those are. */
  logs: number;
  timed: number;
};

export type Beats = { startMs: number; table: number } & { readonly [arm in ServingArm]: Beat };

export type CauseCounts = {
  readonly ask: CauseAsk;
  /** Before the harm, and while it lasted. */
  readonly past: SumsByArm;
  readonly during: SumsByArm;
  readonly beats: Beats[];
  readonly samples: { readonly [arm in ServingArm]: Kept<Sample> };
  /** Of the candidate's requests that ended badly. */
  readonly failed: Kept<FailedSample>;
};

/** Every so many of those that came, so that no more than `SAMPLES_MAX` are kept of however many. */
export type Kept<T> = { kept: T[]; every: number; seen: number };

const SAMPLES_MAX = 4_000;

export function startCounts(ask: CauseAsk): CauseCounts {
  const nothing = <T>(): Kept<T> => ({ kept: [], every: 1, seen: 0 });
  return {
    ask,
    past: { stable: new Map(), candidate: new Map() },
    during: { stable: new Map(), candidate: new Map() },
    beats: [],
    samples: { stable: nothing(), candidate: nothing() },
    failed: nothing(),
  };
}

export function emptyBeat(): Beat {
  return { requests: 0, counted: 0, failed: 0, unanswered: 0, slow: 0, logs: 0, timed: 0 };
}

/** Oldest first; what comes after the harm is left out. */
export function addTick(counts: CauseCounts, tick: Tick): void {
  const { ask, past, during, beats, samples, failed } = counts;
  const startMs = tick.endMs - ask.tickMs;
  if (startMs >= ask.toMs) return;
  const isDuring = startMs >= ask.fromMs;
  const sums = isDuring ? during : past;
  const beat = { startMs, table: 0, stable: emptyBeat(), candidate: emptyBeat() };
  for (const row of tick.rows) {
    if (row.arm === "stable" && !isCompared(row)) continue;
    beat.table = Math.max(beat.table, row.table);
    addSum(sums[row.arm], row);
    addRow(beat[row.arm], row, ask);
    if (!isDuring) continue;
    for (const sample of row.samples) keep(samples[row.arm], sample);
    if (row.arm === "candidate") for (const one of row.failed) keep(failed, one);
  }
  beats.push(beat);
}

function addSum(sums: Sums, row: EvidenceRow): void {
  const { rolloutId, arm, segment } = row;
  const known =
    sums.get(segment) ?? emptyRow({ rolloutId, table: 0, tick: 0, arm, via: "split", segment });
  mergeRowInto(known, row);
  sums.set(segment, known);
}

function addRow(beat: Beat, row: EvidenceRow, ask: CauseAsk): void {
  const times = row.latency[ask.time];
  beat.requests += row.arrivals;
  beat.counted += countedOf(row);
  beat.failed += badOf(row);
  beat.unanswered += unansweredOf(row);
  beat.slow += slowOf(times, ask.slowerThanMs);
  const { counts, first } = times;
  for (let index = 0; index < counts.length; index++) {
    const n = counts[index] ?? 0;
    beat.logs += (n * (first + index)) / BINS_PER_OCTAVE;
    beat.timed += n;
  }
}

function unansweredOf({ endings }: EvidenceRow): number {
  return (endings.refused ?? 0) + (endings.empty ?? 0) + (endings["cut-off"] ?? 0);
}

/** Answers that came, and took longer. */
export function slowOf(times: Histogram, slowerThanMs: number | null): number {
  return slowerThanMs === null ? 0 : countAbove(times, binOf(slowerThanMs)) - times.over;
}

function keep<T>(set: Kept<T>, sample: T): void {
  if (set.seen++ % set.every !== 0) return;
  set.kept.push(sample);
  if (set.kept.length < SAMPLES_MAX) return;
  set.kept = set.kept.filter((_, index) => index % 2 === 0);
  set.every *= 2;
}

export function plusBeat(sum: Beat, one: Beat): void {
  for (const field of BEAT_FIELDS) sum[field] += one[field];
}

const BEAT_FIELDS = [
  "requests",
  "counted",
  "failed",
  "unanswered",
  "slow",
  "logs",
  "timed",
] as const satisfies readonly (keyof Beat)[];

/** Ticks put together, so that a slot says more than chance does. */
const SLOT_TICKS = 6;

/** Since the candidate had its first request, in slots of a few ticks, none of which spans two shares or the start of the harm. */
export function slotsOf({ beats, ask }: CauseCounts): readonly Beats[] {
  const first = beats.findIndex(({ candidate }) => candidate.requests > 0);
  const slots: { slot: Beats; key: string; ticks: number }[] = [];
  for (const beat of first < 0 ? [] : beats.slice(first)) {
    const key = `${periodOf(ask, beat.startMs)} ${beat.startMs >= ask.fromMs}`;
    const last = slots.at(-1);
    if (last === undefined || last.key !== key || last.ticks >= SLOT_TICKS) {
      const slot = { ...beat, stable: { ...beat.stable }, candidate: { ...beat.candidate } };
      slots.push({ slot, key, ticks: 1 });
      continue;
    }
    plusBeat(last.slot.stable, beat.stable);
    plusBeat(last.slot.candidate, beat.candidate);
    last.slot.table = Math.max(last.slot.table, beat.table);
    last.ticks++;
  }
  return slots.map(({ slot }) => slot);
}

/** Which of the shares a tick is of, by its place; the later one where it changed within the tick; -1 before all. */
export function periodOf({ shares, tickMs }: CauseAsk, startMs: number): number {
  return shares.findLastIndex(({ atMs }) => atMs < startMs + tickMs);
}
