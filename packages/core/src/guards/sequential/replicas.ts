// Evidence without one replica at a time: a version is not bad for one server that is sick. The e-value without the
// sick one is valid for "the version is fine, and at most one replica is faulty", whichever that is.

import type { EvidenceRow } from "../../evidence/row.ts";
import { hybridLogE } from "../../statistics/merging.ts";
import { isAnswerEvent, isOutcomeEvent, type Metric, type SequentialGuard } from "../guard.ts";
import { type Betting, logEOf, NO_STAKES, type Stakes, settled, stakesAfter } from "./alarm.ts";
import { logWeightsAbove } from "./count-test.ts";
import type { GuardEvidence, WithoutReplica } from "./guard-evidence.ts";
import { keptOf, withBets } from "./late-harm.ts";
import { bySegment, type Stratum, withoutReplica } from "./strata.ts";
import { digestOf } from "./tick-digest.ts";

/** With fewer, one of them is half of the version. */
const REPLICAS_MIN = 3;
/** Replicas times segments, all together; with more, no replica is told apart. */
const STRATA_MAX = 256;
/** What one replica alone carries has less than this part of the evidence without it. */
const CARRIED_PART = 0.5;

type LogE = (strata: readonly Stratum[]) => readonly number[] | null;

/** What a tick adds. */
type Added = {
  readonly strata: readonly Stratum[];
  /** Those of them that say something. */
  readonly telling: readonly Stratum[];
  readonly pooled: LogE;
  /** Null where segments gather nothing. */
  readonly segment: LogE | null;
  /** Of the test of all segments together. */
  readonly betting: Betting;
  /** Whether all of that must be bet now. */
  readonly settle: boolean;
};

export function withReplicas(
  before: GuardEvidence,
  { metric }: SequentialGuard,
  rows: readonly EvidenceRow[],
  added: Added,
): GuardEvidence["replicas"] {
  if (!knowsReplicas(metric)) return before.replicas;
  const known = before.replicas;
  const names = namesIn(rows, known);
  const segments = added.strata.filter(({ segment }) => !Object.hasOwn(before.segments, segment));
  const segmentCount = Object.keys(before.segments).length + segments.length;
  if (names.length * (segmentCount + 1) > STRATA_MAX) return {};
  const isNews = added.telling.length > 0 || segments.length > 0 || added.settle;
  if (!isNews && names.every((name) => Object.hasOwn(known, name))) return known;
  return Object.fromEntries(
    names.map((name) => {
      const telling = added.telling.map((stratum) => withoutReplica(stratum, metric, name));
      // Until now it had answered nothing: without it the evidence was what it was.
      return [name, withoutOne(known[name] ?? withAll(before), { ...added, telling })];
    }),
  );
}

/** Replicas have outcomes, endings and latencies, but no latencies by the length of answers. */
function knowsReplicas(metric: Metric): boolean {
  if (metric.kind === "latency") return !metric.byLength || metric.time === "ttft";
  return metric.kind === "events" && (isOutcomeEvent(metric.event) || isAnswerEvent(metric.event));
}

/** Of every replica that has answered, in order. */
function namesIn(
  rows: readonly EvidenceRow[],
  known: GuardEvidence["replicas"],
): readonly string[] {
  const names = Object.keys(known);
  const unseen = digestOf(rows).replicas.filter((name) => !Object.hasOwn(known, name));
  return unseen.length === 0 ? names : [...names, ...unseen].sort();
}

function withoutOne(
  own: WithoutReplica,
  { strata, telling, pooled, segment, betting, settle }: Added,
): WithoutReplica {
  const stakes = stakesAfter(own.pooled, pooled(telling), betting);
  const next = {
    pooled: settle ? settled(stakes, betting, betting.ticks + 1) : stakes,
    segments: own.segments,
  };
  if (segment === null) return next;
  const segments: { [segment: string]: Stakes } = { ...own.segments };
  for (const { segment: name } of strata) {
    if (!Object.hasOwn(segments, name)) segments[name] = NO_STAKES;
  }
  for (const ofSegment of bySegment(telling)) {
    const name = ofSegment[0]?.segment ?? "";
    segments[name] = stakesAfter(segments[name] ?? NO_STAKES, segment(ofSegment), {
      ...betting,
      kept: 1,
    });
  }
  return { ...next, segments };
}

function withAll({ pooled, segments }: GuardEvidence): WithoutReplica {
  return {
    pooled: pooled.stakes,
    segments: Object.fromEntries(
      Object.entries(segments).map(([name, { stakes }]) => [name, stakes]),
    ),
  };
}

/** The replica that alone carries an alarm of this evidence; null where none does, or there are too few to say. */
export function carrierOf(
  { replicas, late, common }: GuardEvidence,
  planned: number,
  logNeeded: number,
): string | null {
  const names = Object.keys(replicas);
  if (names.length < REPLICAS_MIN) return null;
  const betting = { planned, logWeights: logWeightsAbove(common), kept: 1 };
  const without = Object.entries(replicas).map(([name, { pooled, segments }]) => ({
    name,
    logE: hybridLogE(
      withBets(logEOf(pooled, { ...betting, kept: keptOf(late) }), late, name),
      Object.values(segments).map((stakes) => logEOf(stakes, betting)),
    ),
  }));
  const least = without.reduce((a, b) => (b.logE < a.logE ? b : a));
  return least.logE < CARRIED_PART * logNeeded ? least.name : null;
}
