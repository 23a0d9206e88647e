// What a tick's strata say of one rung: natural logs of e-values, one for each alternative. Independent strata: their
// log e-values add.

import { boundLogE } from "../../statistics/bound-e.ts";
import { oddsLogEs } from "../../statistics/odds-e.ts";
import { ratioLogPerEvent } from "../../statistics/ratio-e.ts";
import type { SequentialGuard } from "../guard.ts";
import type { CountTest } from "./count-test.ts";
import type { Ladder, Rung } from "./ladder.ts";
import { countsAt, hasEvents, type Stratum } from "./strata.ts";

/** By alternative; null where no stratum says anything. */
export type StrataLogE = (strata: readonly Stratum[]) => readonly number[] | null;

/** Of one rung: each stratum is worked out once, though it counts for its segment and for all together. */
export function logEAt(rung: Rung, { test }: Ladder): StrataLogE {
  const logEOf = (stratum: Stratum): readonly number[] | null => {
    const { told } = stratum;
    if (told.rung !== rung) {
      told.logE = rungLogE(test, rung, [stratum]);
      told.rung = rung;
    }
    return told.logE;
  };
  return (strata) => {
    const [only] = strata;
    if (only !== undefined && strata.length === 1) return logEOf(only);
    let sums: number[] | null = null;
    for (const stratum of strata) {
      const logE = logEOf(stratum);
      if (logE === null) continue;
      sums ??= new Array<number>(logE.length).fill(0);
      addTimes(sums, logE, 1);
    }
    return sums;
  };
}

/** Evidence of all rungs, with what the strata add; the same where they say nothing. */
export function withRungs(
  hypotheses: readonly number[],
  { metric }: SequentialGuard,
  { test, rungs }: Ladder,
  strata: readonly Stratum[],
): readonly number[] {
  const [lowest] = rungs;
  if (metric.kind === "latency" && test.kind === "rates" && lowest !== undefined) {
    return withLatencyRungs(hypotheses, lowest, rungs, strata);
  }
  // Whether an event happened does not hang on a hypothesis, as whether an answer is slow does.
  const isEvent = metric.kind !== "latency" && test.kind !== "limit";
  const telling = isEvent ? strata.filter((stratum) => hasEvents(stratum, 0)) : strata;
  if (telling.length === 0) return hypotheses;
  let next: number[] | null = null;
  for (const rung of rungs) {
    const logE = rungLogE(test, rung, telling);
    if (logE === null) continue;
    next ??= hypotheses.slice();
    for (let i = 0; i < logE.length; i++) addAt(next, rung.from + i, logE[i] ?? 0);
  }
  return next ?? hypotheses;
}

function addAt(sums: number[], place: number, added: number): void {
  sums[place] = (sums[place] ?? 0) + added;
}

function rungLogE(
  test: CountTest,
  rung: Rung,
  strata: readonly Stratum[],
): readonly number[] | null {
  switch (test.kind) {
    case "rates":
      return ratesLogE(rung, strata);
    case "odds":
      return oddsLogE(rung, strata);
    case "limit":
      return limitLogE(test.rate, rung, strata);
  }
}

function perEvent({ tested, alternatives }: Rung, { candidateN, stable }: Stratum): number[] {
  const logs = new Array<number>(alternatives.length);
  for (let i = 0; i < logs.length; i++) {
    logs[i] = ratioLogPerEvent(candidateN, stable.n, tested, alternatives[i] ?? tested);
  }
  return logs;
}

function hasBoth({ candidateN, stable }: Stratum): boolean {
  return candidateN > 0 && stable.n > 0;
}

/** As `ratioLogE` for each stratum and alternative. Most strata have no event in a tick, and say nothing of a ratio. */
function ratesLogE(rung: Rung, strata: readonly Stratum[]): readonly number[] | null {
  let sums: number[] | null = null;
  for (const stratum of strata) {
    const bad = stratum.candidateBadAt(rung.bins);
    const events = bad + stratum.stable.bad;
    if (events === 0 || !hasBoth(stratum)) continue;
    sums ??= new Array<number>(rung.logs.length).fill(0);
    addRates(sums, rung, stratum, bad, events);
  }
  return sums;
}

function addRates(
  sums: number[],
  { tested, alternatives, logs }: Rung,
  { candidateN, stable }: Stratum,
  bad: number,
  events: number,
): void {
  for (let i = 0; i < sums.length; i++) {
    const each = ratioLogPerEvent(candidateN, stable.n, tested, alternatives[i] ?? tested);
    sums[i] = (sums[i] ?? 0) + bad * (logs[i] ?? 0) + events * each;
  }
}

function addTimes(sums: number[], logs: readonly number[], times: number): void {
  for (let i = 0; i < sums.length; i++) sums[i] = (sums[i] ?? 0) + times * (logs[i] ?? 0);
}

/**
 * All rungs of a latency guard test the same ratio. What stable's slow answers add is the same for each, and the candidate
 * has fewer and fewer of them from rung to rung: most strata soon have none.
 */
function withLatencyRungs(
  hypotheses: readonly number[],
  lowest: Rung,
  rungs: readonly Rung[],
  strata: readonly Stratum[],
): readonly number[] {
  const { base, isTelling, open } = latenciesAt(lowest, strata);
  let isOpen = open.length > 0;
  if (!isTelling && !isOpen) return hypotheses;
  const next = hypotheses.slice();
  const sums = base.slice();
  for (const { bins, from } of rungs) {
    isOpen &&= addOpen(sums, base, open, bins);
    if (!isOpen && !isTelling) break;
    const added = isOpen ? sums : base;
    for (let i = 0; i < added.length; i++) addAt(next, from + i, added[i] ?? 0);
  }
  return next;
}

type Latencies = {
  /** What stable's slow answers add. */
  readonly base: number[];
  /** Whether there are any. */
  readonly isTelling: boolean;
  readonly open: readonly Open[];
};

function latenciesAt(lowest: Rung, strata: readonly Stratum[]): Latencies {
  const base = new Array<number>(lowest.logs.length).fill(0);
  let isTelling = false;
  const open: Open[] = [];
  for (const stratum of strata) {
    const { bad } = stratum.stable;
    const isOpen = stratum.candidateBadAt(lowest.bins) > 0;
    if ((bad === 0 && !isOpen) || !hasBoth(stratum)) continue;
    const logs = perEvent(lowest, stratum);
    addTimes(base, logs, bad);
    isTelling ||= bad > 0;
    if (isOpen) open.push({ stratum, logs: plus(logs, lowest.logs) });
  }
  return { base, isTelling, open };
}

/** A stratum in which the candidate has bad ones at the lowest rung; `logs`: what each of them adds. */
type Open = { readonly stratum: Stratum; readonly logs: readonly number[] };

/** Into `sums`, the base with what the candidate's bad ones add; whether there still are any. */
function addOpen(
  sums: number[],
  base: readonly number[],
  open: readonly Open[],
  bins: number,
): boolean {
  let isOpen = false;
  for (let i = 0; i < sums.length; i++) sums[i] = base[i] ?? 0;
  for (const { stratum, logs } of open) {
    const bad = stratum.candidateBadAt(bins);
    if (bad === 0) continue;
    isOpen = true;
    addTimes(sums, logs, bad);
  }
  return isOpen;
}

function plus(a: readonly number[], b: readonly number[]): readonly number[] {
  return a.map((one, i) => one + (b[i] ?? 0));
}

function oddsLogE(rung: Rung, strata: readonly Stratum[]): readonly number[] | null {
  const telling = strata
    .map((stratum) => countsAt(stratum, rung.bins))
    .filter(({ candidate, stable }) => candidate.bad + stable.bad > 0)
    .map((arms) => oddsLogEs(arms, rung.tested, rung.alternatives));
  return telling.length === 0 ? null : summed(rung, telling);
}

function limitLogE(rate: number, rung: Rung, strata: readonly Stratum[]): readonly number[] | null {
  if (strata.length === 0) return null;
  return summed(
    rung,
    strata.map((stratum) => {
      const { candidate } = countsAt(stratum, rung.bins);
      return rung.alternatives.map((alternative) =>
        boundLogE(candidate, rate * rung.tested, rate * alternative),
      );
    }),
  );
}

function summed({ alternatives }: Rung, all: readonly (readonly number[])[]): readonly number[] {
  return alternatives.map((_, i) => all.reduce((sum, logs) => sum + (logs[i] ?? 0), 0));
}
