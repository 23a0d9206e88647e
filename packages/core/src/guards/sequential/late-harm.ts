// Harm that begins once all stages are over. Few users are held back then, and against them alone it takes long to see.
// So the candidate is held against stable's record too, which tells within minutes that something began; from that
// moment on the held-back users are asked whether it is the version or the hour, by a bet on what the record says.
//
// What is bet is most of what the guard's own test has kept for later, and the bet is an e-process for "no worse than
// those held back, at the same time" from that moment on. So both together are one e-process still, and the chance that
// the guard ever breaks by mistake is bounded as before, whatever befalls both versions and however often.

import type { EvidenceRow } from "../../evidence/row.ts";
import { binsOfFactor, GAMMA } from "../../histogram.ts";
import { logAdd, logSum } from "../../statistics/log-space.ts";
import { RATES_BELOW, rateLogE, rateUpper } from "../../statistics/rate-e.ts";
import { RATIO_LOG_WEIGHTS, type TwoArms } from "../../statistics/ratio-e.ts";
import { newStakes, nextStakes, stakeLeft, stakesLogE } from "../../statistics/restart-mixture.ts";
import type { Count } from "../counting.ts";
import { isLabel, type SequentialGuard } from "../guard.ts";
import { alternativesAbove, type CountTest, countLogE } from "./count-test.ts";
import type { LateEvidence, RecentTick } from "./guard-evidence.ts";
import { differenceMinOf, ratioMaxOf, testedRatio } from "./hypothesis.ts";
import { pooledCounts, strataOf, withoutReplica } from "./strata.ts";

/** What the record's alarm needs; a mistaken one costs a question. */
const RECORD_LOG_NEEDED = Math.log(200);
/** A candidate that is as bad as ever is called back to the record after so many ticks on average, at the least. */
const BACK_LOG_NEEDED = Math.log(20);
/** Against odds of so much the held-back users show the same: it is the hour. */
const HOUR_LOG_LEAST = -Math.log(20);
/** Of what the test has kept for later, the part that the next question gets. */
const PART_ASKED = 0.9;

export type LateTick = {
  readonly guard: SequentialGuard;
  readonly test: CountTest;
  readonly temper: number;
  readonly planned: number;
  readonly rows: readonly EvidenceRow[];
  readonly isPartial: boolean;
  /** Ticks of the guard's own test before this one. */
  readonly ticks: number;
  /** The ticks of the guard's window, with this one. */
  readonly recent: readonly RecentTick[];
  /** What is kept of the arms before the tick: edges, and counts at the limit. */
  readonly edges: readonly (number | null)[];
  readonly counts: TwoArms;
  /** Replicas of the candidate that are told apart. */
  readonly replicas: readonly string[];
};

/** After one more tick with all stages over and users held back. Null where there is no record to compare with. */
export function withLate(before: LateEvidence | null, tick: LateTick): LateEvidence | null {
  const { guard, isPartial, test } = tick;
  if (test.kind === "limit" || isLabel(guard.metric)) return null;
  const known = before ?? begun(tick);
  if (known === null) return null;
  const counts = countsIn(tick, known);
  if (counts.candidate.n === 0) return known;
  if (!known.worse) return watched(known, counts.candidate, tick);
  const asked = answered(known, counts, tick);
  return isPartial ? asked : returned(asked, counts.candidate, tick);
}

function begun({ counts, edges }: LateTick): LateEvidence | null {
  const { stable } = counts;
  if (stable.n === 0) return null;
  return { record: { edges, stable }, ...UNSUSPECTED, asked: 0 };
}

const UNSUSPECTED = {
  ticks: 0,
  stakes: newStakes(alternativesAbove({ kind: "rates" }, 1).length, 0, 1),
  worse: false,
  back: [],
  bet: 0,
  bets: [],
  without: {},
} as const;

/** Counted from the record's own edges: those of the few who are held back are uncertain. */
function countsIn({ guard, rows }: LateTick, { record }: LateEvidence, without?: string): TwoArms {
  const strata = strataOf(guard, rows, { edges: record.edges, known: {} });
  const counted =
    without === undefined
      ? strata
      : strata.map((stratum) => withoutReplica(stratum, guard.metric, without));
  return pooledCounts(counted, binsOfFactor(ratioMaxOf(guard)));
}

/** The candidate against the record, until it is worse. */
function watched(known: LateEvidence, candidate: Count, tick: LateTick): LateEvidence {
  const { guard, planned, recent, temper } = tick;
  const { record } = known;
  const [tested, alternatives] = testedIn(tick);
  const rate = recordRate(known, tested);
  const logE = alternatives.map(
    (alternative) => rateLogE(candidate, rate, alternative / tested) / temper,
  );
  const stakes = nextStakes(known.stakes, logE, known.ticks, planned);
  const ticks = known.ticks + 1;
  const isSure = stakesLogE(stakes, RATIO_LOG_WEIGHTS, ticks, planned) >= RECORD_LOG_NEEDED;
  const lately = rateOf(sumOf(recent.map((one) => one.candidate)));
  const matters =
    guard.metric.kind === "latency" || lately - rateOf(record.stable) >= floorOf(guard);
  if (!isSure || !matters) return { ...known, ticks, stakes };
  return {
    ...known,
    ticks,
    stakes,
    worse: true,
    back: RATES_BELOW.map(() => 0),
    ...question(known, stakes, tick),
  };
}

/** What the record holds likely is bet on, in proportion. */
function question(
  known: LateEvidence,
  likely: readonly number[],
  { ticks, planned }: LateTick,
): Pick<LateEvidence, "asked" | "bet" | "bets"> {
  const bet = Math.log(PART_ASKED * keptOf(known) * stakeLeft(ticks + 1, planned));
  const parts = likely.map((stake, index) => stake + (RATIO_LOG_WEIGHTS[index] ?? 0));
  const all = logSum(parts);
  return { asked: known.asked + 1, bet, bets: parts.map((part) => part - all + bet) };
}

/** The part of what the guard's test keeps for later that no question has taken. */
export function keptOf(late: LateEvidence | null): number {
  return (1 - PART_ASKED) ** (late?.asked ?? 0);
}

/** The held-back users answer. */
function answered(known: LateEvidence, counts: TwoArms, tick: LateTick): LateEvidence {
  const { replicas, test, temper } = tick;
  const [tested, alternatives] = testedIn(tick);
  const after = (bets: readonly number[], arms: TwoArms): readonly number[] =>
    bets.map(
      (bet, index) => bet + countLogE(test, arms, tested, alternatives[index] ?? tested) / temper,
    );
  return {
    ...known,
    bets: after(known.bets, counts),
    without: Object.fromEntries(
      replicas.map((name) => [
        name,
        after(known.without[name] ?? known.bets, countsIn(tick, known, name)),
      ]),
    ),
  };
}

/** Whether the candidate is back to the record: what comes later is another question. */
function returned(known: LateEvidence, candidate: Count, tick: LateTick): LateEvidence {
  const [tested] = testedIn(tick);
  // Halfway to what would matter: nobody is ever surely below what stable did.
  const rate = recordRate(known, tested) + floorOf(tick.guard);
  const back = RATES_BELOW.map(
    (factor, index) =>
      Math.max(0, known.back[index] ?? 0) + rateLogE(candidate, rate, factor) / tick.temper,
  );
  if (logSum(back) - Math.log(back.length) < BACK_LOG_NEEDED) return { ...known, back };
  return { record: known.record, ...UNSUSPECTED, asked: known.asked };
}

function testedIn({ guard, test }: LateTick): readonly [number, readonly number[]] {
  const tested = testedRatio(guard, ratioMaxOf(guard));
  return [tested, alternativesAbove(test, tested)];
}

function recordRate({ record }: LateEvidence, tested: number): number {
  return rateUpper(record.stable) * tested;
}

function floorOf(guard: SequentialGuard): number {
  return guard.metric.kind === "latency" ? 0 : differenceMinOf(guard);
}

function sumOf(counts: readonly Count[]): Count {
  return counts.reduce((sum, { n, bad }) => ({ n: sum.n + n, bad: sum.bad + bad }), {
    n: 0,
    bad: 0,
  });
}

function rateOf({ n, bad }: Count): number {
  return bad / Math.max(1, n);
}

/** What the held-back users say of a candidate that is worse than stable's record. */
export type LateFinding = {
  /** Natural log of the evidence that it is the version. */
  readonly logE: number;
  /** Whether it may still be the version as well as the hour. */
  readonly open: boolean;
  /** What stable did: a share, or milliseconds; null where that is not one number. */
  readonly record: number | null;
};

/** Null while the candidate is not worse than the record. */
export function lateFindingOf(
  { metric }: SequentialGuard,
  late: LateEvidence | null,
): LateFinding | null {
  if (late?.worse !== true) return null;
  const { bet, bets, record } = late;
  const logE = logSum(bets);
  const [edge = null, ...more] = record.edges;
  const edgeMs = edge === null || more.length > 0 ? null : GAMMA ** edge;
  return {
    logE,
    open: logE - bet > HOUR_LOG_LEAST,
    record: metric.kind === "latency" ? edgeMs : rateOf(record.stable),
  };
}

/** Evidence of the guard's own test, and of what was asked: with all replicas, or without one. */
export function withBets(logE: number, late: LateEvidence | null, without?: string): number {
  if (late === null || late.bets.length === 0) return logE;
  const bets = (without === undefined ? undefined : late.without[without]) ?? late.bets;
  return logAdd(logE, logSum(bets));
}
