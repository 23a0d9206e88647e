// gather(evidence, guard, tick) → evidence: what one mature tick adds to a sequential guard's evidence.

import type { WindowTick } from "../../evidence/evidence.ts";
import type { EvidenceRow } from "../../evidence/row.ts";
import type { Policy } from "../../policy.ts";
import { overdispersion } from "../../statistics/overdispersion.ts";
import { RATES_BELOW, rateLogE, rateUpper } from "../../statistics/rate-e.ts";
import type { TwoArms } from "../../statistics/ratio-e.ts";
import { newStakes, nextStakes } from "../../statistics/restart-mixture.ts";
import { type BucketCounts, bucketCounts } from "../counting.ts";
import { isLabel, type SequentialGuard } from "../guard.ts";
import {
  ALTERNATIVES_ABOVE,
  alternativesAbove,
  alternativesBelow,
  type CountTest,
  choosesTest,
  countLogE,
  countTestOf,
  isCommon,
  isTelling,
} from "./count-test.ts";
import { edgesOf } from "./edges.ts";
import type {
  AlarmEvidence,
  GuardEvidence,
  HypothesisEvidence,
  RecentTick,
} from "./guard-evidence.ts";
import { NO_COUNTS } from "./guard-evidence.ts";
import { differenceMinOf, hypothesesOf, ratioMaxOf, testedRatio } from "./hypothesis.ts";
import { keptOf, withLate } from "./late-harm.ts";
import { withMeans } from "./means.ts";
import { withReplicas } from "./replicas.ts";
import { pooledCounts, type Stratum, strataOf } from "./strata.ts";

export type GuardTick = {
  readonly endMs: number;
  /** Rows of requests assigned since the evidence began, of those that are compared. */
  readonly rows: readonly EvidenceRow[];
  /** Whether a member's evidence is missing: it may then break the guard, and never speak for the candidate. */
  readonly isPartial: boolean;
  /** Whether everybody is on the candidate, and stable has nobody left to be compared with. */
  readonly isAlone: boolean;
  /** Whether all stages are over, and some users are held back on stable. */
  readonly isLast: boolean;
  /** The ticks before it. */
  readonly window: readonly WindowTick[];
};

/** Ticks that the policy's longest rollout takes: over so many, a late regression is expected. */
export function plannedTicks({
  stages,
  stageLimitMs,
  bakeMs,
  evidence,
}: Pick<Policy, "stages" | "stageLimitMs" | "bakeMs" | "evidence">): number {
  return Math.max(1, Math.ceil((stages.length * stageLimitMs + bakeMs) / evidence.tickMs));
}

export function gather(
  before: GuardEvidence,
  guard: SequentialGuard,
  planned: number,
  tick: GuardTick,
): GuardEvidence {
  const { segment } = guard;
  const rows = segment === null ? tick.rows : tick.rows.filter((row) => row.segment === segment);
  if (before.means !== null) {
    const means = withMeans(before.means, guard, rows);
    return means === before.means ? before : { ...before, means, ticks: before.ticks + 1 };
  }
  if (choosesTest(guard) && before.common === null) return choosing(before, guard, rows);
  return counted(before, guard, planned, { ...tick, rows });
}

/** Nothing is bet on the events by which the test is chosen. */
function choosing(
  before: GuardEvidence,
  guard: SequentialGuard,
  rows: readonly EvidenceRow[],
): GuardEvidence {
  const stable = rows.filter(({ arm }) => arm === "stable");
  const strata = strataOf(guard, stable, { edges: [], known: {} });
  const { n, bad } = pooledCounts(strata, 1).stable;
  const seen = { n: before.seen.n + n, bad: before.seen.bad + bad };
  return {
    ...before,
    seen,
    common: isCommon(seen),
    buckets: addBuckets(before.buckets, guard, rows),
  };
}

function counted(
  before: GuardEvidence,
  guard: SequentialGuard,
  planned: number,
  tick: GuardTick,
): GuardEvidence {
  const { rows } = tick;
  const counting = { edges: edgesOf(guard, tick, before.edges), known: before.segments };
  const strata = strataOf(guard, rows, counting);
  // Members of a ring were not drawn by lot: they may break the guard, and never speak for the candidate.
  const split = rows.filter(({ via }) => via === "split");
  const drawn = split.length === rows.length ? strata : strataOf(guard, split, counting);
  const buckets = addBuckets(before.buckets, guard, rows);
  const next = { ...before, edges: counting.edges, buckets };
  const pooled = pooledCounts(strata, ratioMaxOf(guard));
  // What users are like is known from the ticks before: evidence may not choose its own weight.
  const test = countTestOf(guard, before.common);
  const temper = overdispersion(before.buckets);
  const tempered: Tempered = { guard, test, planned, ticks: before.ticks, temper, kept: 1 };
  const all = { ...tempered, kept: keptOf(before.late) };
  if (pooled.candidate.n === 0) return next;
  const recent = withRecent(before.recent, guard, { ...pooled, endMs: tick.endMs });
  const late = !tick.isLast
    ? before.late
    : withLate(before.late, {
        ...tempered,
        rows,
        isPartial: tick.isPartial,
        recent,
        edges: before.edges,
        counts: before.pooled.counts,
        replicas: Object.keys(before.replicas),
      });
  const rare = tick.isPartial
    ? before.rare
    : withRare(before.rare, tempered, pooledCounts(drawn, ratioMaxOf(guard)));
  // Labels of answers from before everybody was on the candidate are still compared; later ones have nothing to be.
  if (tick.isAlone && test.kind !== "limit" && !isLabel(guard.metric)) {
    const alone = aloneLogE(tempered, before.pooled.counts, pooled);
    if (alone === null) return { ...next, rare, recent };
    return {
      ...next,
      rare,
      recent,
      ticks: before.ticks + 1,
      pooled: {
        ...before.pooled,
        stakes: nextStakes(before.pooled.stakes, alone, before.ticks, planned),
      },
      replicas: withReplicas(before, guard, rows, {
        strata: (count) => strataOf(guard, rows, { ...counting, count }),
        stakes: (stakes, own) => aloneStakes(stakes, tempered, before.pooled.counts, own),
        segmentStakes: null,
        unseen: [],
      }),
    };
  }
  if (!isTelling(test, pooled)) return { ...next, rare, recent, late };
  return {
    ...next,
    rare,
    recent,
    late,
    ticks: before.ticks + 1,
    hypotheses: tick.isPartial ? before.hypotheses : withStrata(before, tempered, drawn),
    pooled: withAlarm(before.pooled, all, strata),
    segments: withSegments(before.segments, tempered, strata),
    replicas: withReplicas(before, guard, rows, {
      strata: (count) => strataOf(guard, rows, { ...counting, count }),
      stakes: (stakes, own) => alarmStakes(stakes, all, own),
      segmentStakes: (stakes, own) => alarmStakes(stakes, tempered, own),
      unseen: unseenStakes(tempered),
    }),
  };
}

type Tempered = {
  readonly guard: SequentialGuard;
  readonly test: CountTest;
  readonly planned: number;
  /** Ticks before this one. */
  readonly ticks: number;
  readonly temper: number;
  /** The part of what is kept for later that is still the test's own. */
  readonly kept: number;
};

/** A limit is compared with nobody: what users are like is told by those of both arms. */
function addBuckets(
  sum: BucketCounts,
  { metric, comparison }: SequentialGuard,
  rows: readonly EvidenceRow[],
): BucketCounts {
  if (metric.kind === "latency" || metric.kind === "mean") return sum;
  const own = comparison.kind === "limit" ? rows : rows.filter(({ arm }) => arm === "stable");
  const added = bucketCounts(metric, own);
  const plus = (a: readonly number[], b: readonly number[]): readonly number[] =>
    a.map((count, bucket) => count + (b[bucket] ?? 0));
  return { arrivals: plus(sum.arrivals, added.arrivals), bad: plus(sum.bad, added.bad) };
}

function withRecent(
  recent: readonly RecentTick[],
  { windowMs }: SequentialGuard,
  tick: RecentTick,
): readonly RecentTick[] {
  return [...recent.filter(({ endMs }) => endMs > tick.endMs - windowMs), tick];
}

function withRare(
  rare: readonly number[],
  { guard, temper }: Tempered,
  { candidate }: TwoArms,
): readonly number[] {
  const differenceMin = guard.metric.kind === "latency" ? 0 : differenceMinOf(guard);
  if (differenceMin === 0) return rare;
  return RATES_BELOW.map(
    (factor, index) => (rare[index] ?? 0) + rateLogE(candidate, differenceMin, factor) / temper,
  );
}

/** Stable has no users any more: the candidate is held against what stable's rate was at most. */
function aloneLogE(
  { guard, test, temper }: Tempered,
  { stable }: TwoArms,
  { candidate }: TwoArms,
): readonly number[] | null {
  if (stable.n === 0) return null;
  const tested = testedRatio(guard, ratioMaxOf(guard));
  const rate = rateUpper(stable) * tested;
  return alternativesAbove(test, tested).map(
    (alternative) => rateLogE(candidate, rate, alternative / tested) / temper,
  );
}

function aloneStakes(
  stakes: readonly number[],
  tempered: Tempered,
  before: TwoArms,
  strata: readonly Stratum[],
): readonly number[] {
  const { guard, ticks, planned } = tempered;
  const logE = aloneLogE(tempered, before, pooledCounts(strata, ratioMaxOf(guard)));
  return logE === null ? stakes : nextStakes(stakes, logE, ticks, planned);
}

/** Independent strata: their log e-values add, alternative by alternative. */
function logEOf(
  { guard, test, temper }: Tempered,
  strata: readonly Stratum[],
  hypothesis: number,
  alternatives: readonly number[],
): readonly number[] {
  const tested = testedRatio(guard, hypothesis);
  return summedLogE(
    { test, temper },
    tellingCounts(test, strata, hypothesis),
    tested,
    alternatives,
  );
}

/** Most strata have no event in a tick, and say nothing of a ratio. */
function tellingCounts(
  { kind }: CountTest,
  strata: readonly Stratum[],
  hypothesis: number,
): readonly TwoArms[] {
  const counts = strata.map(({ countsAt }) => countsAt(hypothesis));
  if (kind === "limit") return counts;
  return counts.filter(({ candidate, stable }) => candidate.bad + stable.bad > 0);
}

function summedLogE(
  { test, temper }: Pick<Tempered, "test" | "temper">,
  counts: readonly TwoArms[],
  tested: number,
  alternatives: readonly number[],
): readonly number[] {
  return alternatives.map((alternative) => {
    let sum = 0;
    for (const arms of counts) sum += countLogE(test, arms, tested, alternative);
    return sum / temper;
  });
}

function withStrata(
  { hypotheses }: GuardEvidence,
  tempered: Tempered,
  strata: readonly Stratum[],
): readonly HypothesisEvidence[] {
  const { guard, test } = tempered;
  return hypothesesOf(guard).map((hypothesis, index) => {
    const before = hypotheses[index];
    const counts = tellingCounts(test, strata, hypothesis);
    if (counts.length === 0 && before !== undefined) return before;
    const tested = testedRatio(guard, hypothesis);
    const below = alternativesBelow(guard, tested).map(({ ratio }) => ratio);
    const added = (logs: readonly number[], alternatives: readonly number[]): number[] =>
      summedLogE(tempered, counts, tested, alternatives).map((log, i) => log + (logs[i] ?? 0));
    return {
      above: added(hypotheses[index]?.above ?? [], alternativesAbove(test, tested)),
      below: added(hypotheses[index]?.below ?? [], below),
    };
  });
}

function alarmStakes(
  stakes: readonly number[],
  tempered: Tempered,
  strata: readonly Stratum[],
): readonly number[] {
  const { guard, test, ticks, planned, kept } = tempered;
  const limit = ratioMaxOf(guard);
  const above = alternativesAbove(test, testedRatio(guard, limit));
  return nextStakes(stakes, logEOf(tempered, strata, limit, above), ticks, planned, kept);
}

function withAlarm(
  alarm: AlarmEvidence,
  tempered: Tempered,
  strata: readonly Stratum[],
): AlarmEvidence {
  const added = pooledCounts(strata, ratioMaxOf(tempered.guard));
  return {
    stakes: alarmStakes(alarm.stakes, tempered, strata),
    counts: {
      candidate: plus(alarm.counts.candidate, added.candidate),
      stable: plus(alarm.counts.stable, added.stable),
    },
  };
}

function plus(a: TwoArms["stable"], b: TwoArms["stable"]): TwoArms["stable"] {
  return { n: a.n + b.n, bad: a.bad + b.bad };
}

function unseenStakes({ ticks, planned }: Tempered): readonly number[] {
  return newStakes(ALTERNATIVES_ABOVE, ticks, planned);
}

/** A segment that had no request in this tick bets on the next one all the same. */
function withSegments(
  segments: GuardEvidence["segments"],
  tempered: Tempered,
  strata: readonly Stratum[],
): GuardEvidence["segments"] {
  const unseen = (): AlarmEvidence => ({ stakes: unseenStakes(tempered), counts: NO_COUNTS });
  const names = new Set([...Object.keys(segments), ...strata.map(({ segment }) => segment)]);
  return Object.fromEntries(
    [...names].map((name) => [
      name,
      withAlarm(
        (Object.hasOwn(segments, name) ? segments[name] : undefined) ?? unseen(),
        tempered,
        strata.filter(({ segment }) => segment === name),
      ),
    ]),
  );
}
