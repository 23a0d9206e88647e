// gather(evidence, guard, tick) → evidence: what one mature tick adds to a sequential guard's evidence.

import type { EvidenceRow } from "../../evidence/row.ts";
import type { Policy } from "../../policy.ts";
import { DIFFERENCE_FACTORS, differenceLogE } from "../../statistics/difference-e.ts";
import { overdispersion } from "../../statistics/overdispersion.ts";
import { rateLogE, rateUpper } from "../../statistics/rate-e.ts";
import type { TwoArms } from "../../statistics/ratio-e.ts";
import { type BucketCounts, bucketCounts, mishapsOf } from "../counting.ts";
import { isLabel, type SequentialGuard } from "../guard.ts";
import {
  type Betting,
  NO_SEGMENT_ALARM,
  plusCounts,
  type SegmentAlarm,
  type Stakes,
  segmentAlarmAfter,
  settled,
  stakesAfter,
} from "./alarm.ts";
import {
  ALTERNATIVES_ABOVE,
  choosesTest,
  isCommon,
  isTelling,
  logWeightsAbove,
} from "./count-test.ts";
import { edgesOf } from "./edges.ts";
import type { GuardEvidence, RecentTick, TestWithout } from "./guard-evidence.ts";
import type { GuardTick } from "./guard-tick.ts";
import { differenceMinOf } from "./hypothesis.ts";
import { type Ladder, ladderOf } from "./ladder.ts";
import { keptOf, withLate } from "./late-harm.ts";
import { withLost } from "./lost-scores.ts";
import { withMeans } from "./means.ts";
import { withReplicas } from "./replicas.ts";
import { logEAt, type StrataLogE, withRungs } from "./rung-evidence.ts";
import { withOthers, withSetApart } from "./set-apart.ts";
import { bySegment, hasEvents, pooledCounts, type Stratum, strataOf } from "./strata.ts";
import { digestOf } from "./tick-digest.ts";

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
  const own = segment === null ? tick : ofSegment(tick, segment);
  const { rows } = own;
  if (before.means !== null) {
    const means = withMeans(before.means, guard, rows);
    return means === before.means ? before : { ...before, means, ticks: before.ticks + 1 };
  }
  const lost = before.lost === null ? null : withLost(before.lost, own.split);
  return withCounts(lost === before.lost ? before : { ...before, lost }, guard, planned, own);
}

function withCounts(
  before: GuardEvidence,
  guard: SequentialGuard,
  planned: number,
  own: GuardTick,
): GuardEvidence {
  const { rows } = own;
  if (isLabel(guard.metric) && !digestOf(rows).hasFeedback) return before;
  if (choosesTest(guard) && before.common === null) return choosing(before, guard, rows);
  return counted(before, guard, planned, own);
}

function ofSegment(tick: GuardTick, segment: string): GuardTick {
  const rows = digestOf(tick.rows).rowsOf(segment);
  return { ...tick, rows, split: digestOf(tick.split).rowsOf(segment) };
}

/** Nothing is bet on the events by which the test is chosen. */
function choosing(
  before: GuardEvidence,
  guard: SequentialGuard,
  rows: readonly EvidenceRow[],
): GuardEvidence {
  const { n, bad } = pooledCounts(strataOf(guard, rows, { edges: [], known: {} }), 0).stable;
  const seen = { n: before.seen.n + n, bad: before.seen.bad + bad };
  return {
    ...before,
    seen,
    common: isCommon(seen),
    buckets: addBuckets(before.buckets, guard, rows, []),
  };
}

function counted(
  known: GuardEvidence,
  guard: SequentialGuard,
  planned: number,
  tick: GuardTick,
): GuardEvidence {
  const { rows } = tick;
  const before = withSetApart(known, guard, tick);
  const counting = { edges: edgesOf(guard, tick, before.edges), known: before.segments };
  const strata = strataOf(guard, rows, counting);
  const { setApart } = before;
  const without = { ...counting, ...(setApart === null ? {} : { without: setApart.bucket }) };
  const others = setApart === null ? strata : strataOf(guard, rows, without);
  // Members of a ring were not drawn by lot: they may break the guard, and never speak for the candidate.
  const drawn = tick.split === rows ? others : strataOf(guard, tick.split, without);
  const next = {
    ...before,
    edges: counting.edges,
    buckets: addBuckets(before.buckets, guard, rows, counting.edges),
  };
  const ladder = ladderOf(guard, before.common);
  const pooled = pooledCounts(strata, ladder.limit.bins);
  if (pooled.candidate.n === 0) return next;
  const betting: Betting = {
    planned,
    ticks: before.ticks,
    // What users are like is known from the ticks before: evidence may not choose its own weight.
    temper: overdispersion(before.buckets),
    logWeights: logWeightsAbove(before.common),
    kept: 1,
  };
  const recent = withRecent(before.recent, guard, { ...pooled, endMs: tick.endMs });
  const apart = tick.isPartial
    ? before.apart
    : withApart(before.apart, guard, pooledCounts(drawn, ladder.limit.bins));
  const seen = { before, guard, tick, ladder, strata, others, drawn, pooled, betting };
  // Labels of answers from before everybody was on the candidate are still compared; later ones have nothing to be.
  if (tick.isAlone && ladder.test.kind !== "limit" && !isLabel(guard.metric)) {
    return { ...next, apart, recent, ...againstRecord(seen) };
  }
  const late = tick.isLast ? lateOf(seen, recent) : before.late;
  return { ...next, apart, recent, late, ...betweenArms(seen, late) };
}

/** A tick with requests of the candidate. */
type Seen = {
  readonly before: GuardEvidence;
  readonly guard: SequentialGuard;
  readonly tick: GuardTick;
  readonly ladder: Ladder;
  readonly strata: readonly Stratum[];
  /** Without who is set apart. */
  readonly others: readonly Stratum[];
  /** Of these, those who were split. */
  readonly drawn: readonly Stratum[];
  readonly pooled: TwoArms;
  readonly betting: Betting;
};

function lateOf(
  { before, guard, tick, ladder, betting }: Seen,
  recent: readonly RecentTick[],
): GuardEvidence["late"] {
  return withLate(before.late, {
    ...betting,
    guard,
    test: ladder.test,
    rows: tick.rows,
    isPartial: tick.isPartial,
    recent,
    edges: before.edges,
    counts: before.pooled.counts,
    replicas: Object.keys(before.replicas),
  });
}

/** Nobody is on stable any more. */
function againstRecord({ before, guard, tick, ladder, strata, others, pooled, betting }: Seen) {
  const against = (own: TwoArms) => aloneLogE(ladder, before.pooled.counts, own);
  const logE = against(pooled);
  if (logE === null) return {};
  const ofStrata: StrataLogE = (own) => against(pooledCounts(own, ladder.limit.bins));
  const added = {
    strata,
    telling: strata,
    pooled: ofStrata,
    segment: null,
    betting,
    settle: false,
  };
  return {
    ticks: before.ticks + 1,
    pooled: { ...before.pooled, stakes: stakesAfter(before.pooled.stakes, logE, betting) },
    setApart: withOthers(before.setApart, others, others, added),
    replicas: withReplicas(before, guard, tick.rows, added),
  };
}

function betweenArms(seen: Seen, late: GuardEvidence["late"]) {
  const { before, guard, tick, ladder, strata, others, drawn, pooled } = seen;
  const { test, limit } = ladder;
  const kept = keptOf(before.late);
  const betting = { ...seen.betting, kept };
  const settle = keptOf(late) !== kept;
  if (!isTelling(test, pooled)) return settle ? allBet(before, betting) : {};
  const atLimit = logEAt(ladder.alarm, ladder);
  const tellingOf = (all: readonly Stratum[]): readonly Stratum[] =>
    test.kind === "limit" ? all : all.filter((own) => hasEvents(own, limit.bins));
  const telling = tellingOf(strata);
  const added = { strata, telling, pooled: atLimit, segment: atLimit, betting, settle };
  const stakes = stakesAfter(before.pooled.stakes, atLimit(telling), betting);
  return {
    ticks: before.ticks + 1,
    hypotheses: tick.isPartial
      ? before.hypotheses
      : withRungs(before.hypotheses, guard, ladder, drawn),
    pooled: {
      stakes: settle ? settled(stakes, betting, betting.ticks + 1) : stakes,
      counts: plusCounts(before.pooled.counts, pooled),
    },
    segments: withSegments(before.segments, strata, { ladder, atLimit, betting: seen.betting }),
    setApart: withOthers(before.setApart, others, tellingOf(others), added),
    replicas: withReplicas(before, guard, tick.rows, added),
  };
}

/** Before a question takes most of what is kept for later. */
function allBet({ pooled, replicas, setApart }: GuardEvidence, betting: Betting) {
  const bet = (stakes: Stakes): Stakes => settled(stakes, betting, betting.ticks);
  const allIn = (own: TestWithout): TestWithout => ({ ...own, pooled: bet(own.pooled) });
  return {
    pooled: { ...pooled, stakes: bet(pooled.stakes) },
    replicas: Object.fromEntries(Object.entries(replicas).map(([name, own]) => [name, allIn(own)])),
    setApart: setApart === null ? null : { ...setApart, without: allIn(setApart.without) },
  };
}

/** A limit is compared with nobody: what users are like is told by those of both arms. */
function addBuckets(
  sum: BucketCounts,
  { metric, comparison }: SequentialGuard,
  rows: readonly EvidenceRow[],
  edges: readonly (number | null)[],
): BucketCounts {
  if (metric.kind === "mean") return sum;
  const own = digestOf(rows).buckets(comparison.kind === "limit" ? "both" : "stable");
  if (metric.kind === "latency") {
    const known = edges.filter((edge) => edge !== null);
    return known.length === 0 ? sum : own.plusSlow(sum, metric.time, Math.max(...known));
  }
  const mishaps = mishapsOf(metric);
  return mishaps === null ? bucketCounts(metric, own.rows, sum) : own.plus(sum, mishaps);
}

function withRecent(
  recent: readonly RecentTick[],
  { windowMs }: SequentialGuard,
  tick: RecentTick,
): readonly RecentTick[] {
  const from = recent.findIndex(({ endMs }) => endMs > tick.endMs - windowMs);
  return from < 0 ? [tick] : [...recent.slice(from), tick];
}

function withApart(
  apart: readonly number[],
  guard: SequentialGuard,
  arms: TwoArms,
): readonly number[] {
  const differenceMin = guard.metric.kind === "latency" ? 0 : differenceMinOf(guard);
  if (differenceMin === 0) return apart;
  // Labels of several tables are of several ages, and may not be compared all together.
  const counts = isLabel(guard.metric) ? { ...arms, stable: { n: 0, bad: 0 } } : arms;
  return DIFFERENCE_FACTORS.map(
    (factor, index) => (apart[index] ?? 0) + differenceLogE(counts, differenceMin, factor),
  );
}

/** Stable has no users any more: the candidate is held against what stable's rate was at most. */
function aloneLogE(
  { limit: { tested, alternatives } }: Ladder,
  { stable }: TwoArms,
  { candidate }: TwoArms,
): readonly number[] | null {
  if (stable.n === 0) return null;
  const rate = rateUpper(stable) * tested;
  return alternatives
    .slice(0, ALTERNATIVES_ABOVE)
    .map((alternative) => rateLogE(candidate, rate, alternative / tested));
}

type Alarming = {
  readonly ladder: Ladder;
  readonly atLimit: StrataLogE;
  readonly betting: Betting;
};

function withSegments(
  segments: GuardEvidence["segments"],
  strata: readonly Stratum[],
  { ladder, atLimit, betting }: Alarming,
): GuardEvidence["segments"] {
  const next: { [segment: string]: SegmentAlarm } = { ...segments };
  for (const own of bySegment(strata)) {
    const segment = own[0]?.segment ?? "";
    const known = Object.hasOwn(next, segment) ? next[segment] : undefined;
    const counts = pooledCounts(own, ladder.limit.bins);
    next[segment] = segmentAlarmAfter(known ?? NO_SEGMENT_ALARM, atLimit(own), counts, betting);
  }
  return next;
}
