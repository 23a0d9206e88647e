// gather(evidence, guard, tick) → evidence: what one mature tick adds to a sequential guard's evidence.

import type { WindowTick } from "../../evidence/evidence.ts";
import type { EvidenceRow } from "../../evidence/row.ts";
import { countOf, emptyHistogram, mergeInto, quantileBin } from "../../histogram.ts";
import type { Policy, SequentialGuard } from "../../policy.ts";
import { overdispersion } from "../../statistics/overdispersion.ts";
import { RATES_BELOW, rateLogE, rateUpper } from "../../statistics/rate-e.ts";
import { ratioLogE, type TwoArms } from "../../statistics/ratio-e.ts";
import { newStakes, nextStakes } from "../../statistics/restart-mixture.ts";
import type { AlarmEvidence, GuardEvidence, HypothesisEvidence } from "./guard-evidence.ts";
import { NO_COUNTS } from "./guard-evidence.ts";
import { alternativesAbove, alternativesBelow, hypothesesOf, testedRatio } from "./hypothesis.ts";
import { type Stratum, strataOf } from "./strata.ts";

export type GuardTick = {
  readonly endMs: number;
  /** Rows of requests assigned since the evidence began, of those that are compared. */
  readonly rows: readonly EvidenceRow[];
  /** Whether a member's evidence is missing: it may then break the guard, and never speak for the candidate. */
  readonly isPartial: boolean;
  /** Whether everybody is on the candidate, and stable has nobody left to be compared with. */
  readonly isAlone: boolean;
  /** The ticks before it. */
  readonly window: readonly WindowTick[];
};

/** Ticks that the policy's longest rollout takes: over so many, a late regression is expected. */
export function plannedTicks({ stages, stageLimitMs, bakeMs, evidence }: Policy): number {
  return Math.max(1, Math.ceil((stages.length * stageLimitMs + bakeMs) / evidence.tickMs));
}

export function gather(
  before: GuardEvidence,
  guard: SequentialGuard,
  planned: number,
  tick: GuardTick,
): GuardEvidence {
  const edge = tick.isAlone ? before.edge : (edgeOf(guard, tick) ?? before.edge);
  const strata = strataOf(guard, tick.rows, edge, before.segments);
  // Members of a ring were not drawn by lot: they may break the guard, and never speak for the candidate.
  const split = tick.rows.filter(({ via }) => via === "split");
  const drawn =
    split.length === tick.rows.length ? strata : strataOf(guard, split, edge, before.segments);
  const buckets =
    guard.kind === "error-ratio" ? addBuckets(before.buckets, tick.rows) : before.buckets;
  const next = { ...before, edge, buckets };
  const pooled = pooledOf(guard, strata);
  // What users are like is known from the ticks before: evidence may not choose its own weight.
  const tempered: Tempered = { guard, planned, ticks: before.ticks, temper: temperOf(before) };
  if (pooled.candidate.n === 0) return next;
  const rare = tick.isPartial
    ? before.rare
    : withRare(before.rare, tempered, pooledOf(guard, drawn));
  if (tick.isAlone) {
    const alone = aloneLogE(tempered, before.pooled.counts, pooled);
    if (alone === null) return { ...next, rare };
    const stakes = nextStakes(before.pooled.stakes, alone, before.ticks, planned);
    return { ...next, rare, ticks: before.ticks + 1, pooled: { ...before.pooled, stakes } };
  }
  if (pooled.stable.n === 0) return { ...next, rare };
  return {
    ...next,
    rare,
    ticks: before.ticks + 1,
    hypotheses: tick.isPartial ? before.hypotheses : withStrata(before, tempered, drawn),
    pooled: withAlarm(before.pooled, tempered, strata),
    segments: withSegments(before.segments, tempered, strata),
  };
}

function pooledOf(guard: SequentialGuard, strata: readonly Stratum[]): TwoArms {
  return strata.map(({ countsAt }) => countsAt(guard.ratioMax)).reduce(plus, NO_COUNTS);
}

type Tempered = {
  readonly guard: SequentialGuard;
  readonly planned: number;
  /** Ticks before this one. */
  readonly ticks: number;
  readonly temper: number;
};

function temperOf({ buckets }: GuardEvidence): number {
  return overdispersion(buckets);
}

/** The bin of stable's quantile over the window before the tick: fixed before the tick is seen. */
function edgeOf(guard: SequentialGuard, { endMs, window }: GuardTick): number | null {
  if (guard.kind === "error-ratio") return null;
  const stable = emptyHistogram();
  for (const entry of window) {
    if (entry.endMs > endMs - guard.windowMs) mergeInto(stable, entry.stable.latency[guard.metric]);
  }
  // A quantile needs at least one value beyond it.
  return countOf(stable) * (1 - guard.quantile) < 1 ? null : quantileBin(stable, guard.quantile);
}

function plus(a: TwoArms, b: TwoArms): TwoArms {
  return {
    candidate: { n: a.candidate.n + b.candidate.n, bad: a.candidate.bad + b.candidate.bad },
    stable: { n: a.stable.n + b.stable.n, bad: a.stable.bad + b.stable.bad },
  };
}

function addBuckets(
  sum: GuardEvidence["buckets"],
  rows: readonly EvidenceRow[],
): GuardEvidence["buckets"] {
  const stable = rows.filter(({ arm }) => arm === "stable");
  const added = (counts: readonly number[], of: "arrivals" | "bad"): readonly number[] =>
    counts.map((count, bucket) =>
      stable.reduce((total, row) => total + (row.buckets[of][bucket] ?? 0), count),
    );
  return { arrivals: added(sum.arrivals, "arrivals"), bad: added(sum.bad, "bad") };
}

function withRare(
  rare: readonly number[],
  { guard, temper }: Tempered,
  { candidate }: TwoArms,
): readonly number[] {
  if (guard.kind !== "error-ratio") return rare;
  return RATES_BELOW.map(
    (factor, index) =>
      (rare[index] ?? 0) + rateLogE(candidate, guard.differenceMin, factor) / temper,
  );
}

/** Stable has no users any more: the candidate is held against what stable's rate was at most. */
function aloneLogE(
  { guard, temper }: Tempered,
  { stable }: TwoArms,
  { candidate }: TwoArms,
): readonly number[] | null {
  if (stable.n === 0) return null;
  const tested = testedRatio(guard, guard.ratioMax);
  const rate = rateUpper(stable) * tested;
  return alternativesAbove(tested).map(
    (alternative) => rateLogE(candidate, rate, alternative / tested) / temper,
  );
}

/** Independent strata: their log e-values add, alternative by alternative. */
function logEOf(
  { guard, temper }: Tempered,
  strata: readonly Stratum[],
  hypothesis: number,
  alternatives: readonly number[],
): readonly number[] {
  const tested = testedRatio(guard, hypothesis);
  const counts = strata.map(({ countsAt }) => countsAt(hypothesis));
  return alternatives.map(
    (alternative) =>
      counts.reduce((sum, arms) => sum + ratioLogE(arms, tested, alternative), 0) / temper,
  );
}

function withStrata(
  { hypotheses }: GuardEvidence,
  tempered: Tempered,
  strata: readonly Stratum[],
): readonly HypothesisEvidence[] {
  const { guard } = tempered;
  return hypothesesOf(guard).map((hypothesis, index) => {
    const tested = testedRatio(guard, hypothesis);
    const below = alternativesBelow(guard, tested).map(({ ratio }) => ratio);
    const added = (logs: readonly number[], alternatives: readonly number[]): number[] =>
      logEOf(tempered, strata, hypothesis, alternatives).map((log, i) => log + (logs[i] ?? 0));
    return {
      above: added(hypotheses[index]?.above ?? [], alternativesAbove(tested)),
      below: added(hypotheses[index]?.below ?? [], below),
    };
  });
}

function withAlarm(
  alarm: AlarmEvidence,
  tempered: Tempered,
  strata: readonly Stratum[],
): AlarmEvidence {
  const { guard, ticks, planned } = tempered;
  const above = alternativesAbove(testedRatio(guard, guard.ratioMax));
  const logE = logEOf(tempered, strata, guard.ratioMax, above);
  return {
    stakes: nextStakes(alarm.stakes, logE, ticks, planned),
    counts: strata.map(({ countsAt }) => countsAt(guard.ratioMax)).reduce(plus, alarm.counts),
  };
}

/** A segment that had no request in this tick bets on the next one all the same. */
function withSegments(
  segments: GuardEvidence["segments"],
  tempered: Tempered,
  strata: readonly Stratum[],
): GuardEvidence["segments"] {
  const { guard, ticks, planned } = tempered;
  const unseen = (): AlarmEvidence => ({
    stakes: newStakes(alternativesAbove(testedRatio(guard, 1)).length, ticks, planned),
    counts: NO_COUNTS,
  });
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
