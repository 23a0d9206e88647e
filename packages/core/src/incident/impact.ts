// What an incident did to users: what was counted while it lasted, by arm and by segment, and how much of it is beyond
// what there would have been without it.

import { DISTINCT_ERROR, distinctCount } from "../distinct.ts";
import { binOf, countAbove, countOf } from "../histogram.ts";
import {
  addTally,
  emptyTally,
  type HarmTally,
  sumBySegment,
  type Tallies,
  type TickTally,
} from "./tally.ts";

/** Beyond the rate that it is held against, never below zero, in whole requests. */
export type Beyond = {
  readonly failed: number;
  /** Null where no limit is known. */
  readonly slow: number | null;
  readonly unanswered: number;
  /**
   * What users saw: failures that no replay hid, and answers that were too slow or none. An answer can be both, so the
   * larger of those two counts.
   */
  readonly harmed: number;
};

export type Counts = {
  readonly requests: number;
  readonly failed: number;
  readonly spared: number;
  /** Answers that came, and took longer than the limit. */
  readonly slow: number | null;
  /** Answers that were refused, empty or cut off. */
  readonly unanswered: number;
  readonly tokens: { readonly input: number; readonly output: number };
  /** Different users, estimated. */
  readonly users: number;
  /** Time in which it had requests. */
  readonly exposedMs: number;
  /** Null for the arm that the other is held against. */
  readonly beyond: Beyond | null;
};

export type SegmentImpact = Counts & { readonly segment: string };

export type Impact = {
  readonly fromMs: number;
  readonly toMs: number;
  readonly ticks: number;
  /** Whether evidence has come for all of that time. */
  readonly isComplete: boolean;
  /** Members of whom some evidence is missing. */
  readonly missing: readonly string[];
  /** What the candidate is held against; both arms are held against their past where stable was harmed too. */
  readonly against: "stable" | "before";
  /** An answer that takes longer counts as slow; null where no guard says. */
  readonly slowerThanMs: number | null;
  readonly usersError: number;
  readonly candidate: Counts;
  readonly stable: Counts;
  /** Of the candidate, or of both arms where both were harmed; the most harmed first. */
  readonly segments: readonly SegmentImpact[];
};

export type ImpactAsk = {
  readonly fromMs: number;
  readonly toMs: number;
  readonly tickMs: number;
  readonly against: Impact["against"];
  readonly slowerThanMs: number | null;
  /** Ticks before it began, whose rates are the reference where nothing better is there. */
  readonly before: readonly TickTally[];
  /** Ticks while it lasted. */
  readonly during: readonly TickTally[];
};

/** Shares of a reference: failures, slow answers, answers that were none. */
type Rates = { readonly failed: number; readonly slow: number; readonly unanswered: number };

/** Requests that a reference needs before its rates are taken; else those of all segments are. */
const REFERENCE_MIN = 100;

export function impactOf(ask: ImpactAsk): Impact {
  const { during, against, slowerThanMs } = ask;
  const ratesOf = referenceOf(ask);
  const own = (of: (tick: TickTally) => Tallies): readonly Tallies[] => during.map(of);
  const candidate = own(({ arms }) => arms.candidate);
  const stable = own(({ arms }) => arms.stable);
  const both = against === "before";
  const last = during.at(-1)?.endMs ?? ask.fromMs;
  const harmed = both ? [candidate, stable] : [candidate];
  return {
    fromMs: ask.fromMs,
    toMs: ask.toMs,
    ticks: during.length,
    isComplete: last >= ask.toMs,
    missing: [...new Set(during.flatMap(({ missing }) => missing))].sort(),
    against,
    slowerThanMs,
    usersError: DISTINCT_ERROR,
    candidate: armOf(candidate, ask, ratesOf),
    stable: armOf(stable, ask, both ? ratesOf : null),
    segments: segmentsOf(harmed, ask, ratesOf),
  };
}

type RatesOf = (segment: string) => Rates;

/** Per segment, from stable at the same time or from both arms before; from all segments where that is too thin. */
function referenceOf({ against, before, during, slowerThanMs }: ImpactAsk): RatesOf {
  const past = before.map(({ baseline }) => baseline);
  const now = during.map(({ baseline }) => baseline);
  const sources = (against === "before" ? [past] : [now, [...past, ...now]]).map(sumBySegment);
  const all = emptyTally();
  for (const tally of sources.at(-1)?.values() ?? []) addTally(all, tally);
  return (segment) => {
    const found = sources
      .map((sums) => sums.get(segment))
      .find((tally) => tally !== undefined && tally.counted >= REFERENCE_MIN);
    return ratesIn(found ?? all, slowerThanMs);
  };
}

function ratesIn(tally: HarmTally, slowerThanMs: number | null): Rates {
  return {
    failed: tally.failed / Math.max(1, tally.counted),
    slow: slowIn(tally, slowerThanMs) / Math.max(1, timedIn(tally)),
    unanswered: tally.unanswered / Math.max(1, tally.read),
  };
}

/** Answers whose time is known: what never ended is counted as failed. */
function timedIn({ times }: HarmTally): number {
  return countOf(times) - times.over;
}

export function slowIn({ times }: HarmTally, slowerThanMs: number | null): number {
  return slowerThanMs === null ? 0 : countAbove(times, binOf(slowerThanMs)) - times.over;
}

type Excess = { failed: number; slow: number; unanswered: number; spared: number };

function addExcess(
  sum: Excess,
  tally: HarmTally,
  rates: Rates,
  slowerThanMs: number | null,
): Excess {
  return {
    failed: sum.failed + tally.failed - rates.failed * tally.counted,
    slow: sum.slow + slowIn(tally, slowerThanMs) - rates.slow * timedIn(tally),
    unanswered: sum.unanswered + tally.unanswered - rates.unanswered * tally.read,
    spared: sum.spared + tally.spared,
  };
}

const NO_EXCESS: Excess = { failed: 0, slow: 0, unanswered: 0, spared: 0 };

function beyondOf(excess: Excess, slowerThanMs: number | null): Beyond {
  const whole = (count: number): number => Math.max(0, Math.round(count));
  const seen = Math.max(0, excess.failed - excess.spared);
  const poor = Math.max(0, excess.slow, excess.unanswered);
  return {
    failed: whole(excess.failed),
    slow: slowerThanMs === null ? null : whole(excess.slow),
    unanswered: whole(excess.unanswered),
    harmed: whole(seen + poor),
  };
}

/** Of an arm, or of one segment of it. Excesses of segments are added with their signs: what chance takes from one it gives to another. */
function countsOf(
  sums: ReadonlyMap<string, HarmTally>,
  exposed: number,
  ask: ImpactAsk,
  ratesOf: RatesOf | null,
): Counts {
  const sum = emptyTally();
  let excess = NO_EXCESS;
  for (const [segment, tally] of sums) {
    addTally(sum, tally);
    if (ratesOf !== null) excess = addExcess(excess, tally, ratesOf(segment), ask.slowerThanMs);
  }
  const beyond = ratesOf === null ? null : beyondOf(excess, ask.slowerThanMs);
  return { ...countsIn(sum, ask.slowerThanMs), exposedMs: exposed * ask.tickMs, beyond };
}

function armOf(all: readonly Tallies[], ask: ImpactAsk, ratesOf: RatesOf | null): Counts {
  const exposed = all.filter((tallies) => Object.values(tallies).some(isBusy)).length;
  return countsOf(sumBySegment(all), exposed, ask, ratesOf);
}

function isBusy({ requests }: HarmTally): boolean {
  return requests > 0;
}

function countsIn(
  tally: HarmTally,
  slowerThanMs: number | null,
): Omit<Counts, "exposedMs" | "beyond"> {
  return {
    requests: tally.requests,
    failed: tally.failed,
    spared: tally.spared,
    slow: slowerThanMs === null ? null : slowIn(tally, slowerThanMs),
    unanswered: tally.unanswered,
    tokens: { ...tally.tokens },
    users: distinctCount(tally.users),
  };
}

/** `arms`: tick by tick, of one arm or of both. */
function segmentsOf(
  arms: readonly (readonly Tallies[])[],
  ask: ImpactAsk,
  ratesOf: RatesOf,
): readonly SegmentImpact[] {
  const sums = [...sumBySegment(arms.flat())].sort(([a], [b]) => (a < b ? -1 : 1));
  const impacts = sums.map(([segment, tally]): SegmentImpact => {
    const exposed = ask.during.filter((_, tick) =>
      arms.some((arm) => (arm[tick]?.[segment]?.requests ?? 0) > 0),
    ).length;
    return { segment, ...countsOf(new Map([[segment, tally]]), exposed, ask, ratesOf) };
  });
  return impacts.sort((a, b) => (b.beyond?.harmed ?? 0) - (a.beyond?.harmed ?? 0));
}
