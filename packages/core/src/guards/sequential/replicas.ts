// Evidence without one replica at a time: a version is not bad for one server that is sick. The e-value without the
// sick one is valid for "the version is fine, and at most one replica is faulty", whichever that is.

import type { EvidenceRow } from "../../evidence/row.ts";
import { hybridLogE } from "../../statistics/merging.ts";
import { stakesLogE } from "../../statistics/restart-mixture.ts";
import { type Count, countIn, countWithout } from "../counting.ts";
import { isAnswerEvent, isOutcomeEvent, type SequentialGuard } from "../guard.ts";
import type { GuardEvidence, WithoutReplica } from "./guard-evidence.ts";
import { keptOf, withBets } from "./late-harm.ts";
import type { Stratum } from "./strata.ts";

/** With fewer, one of them is half of the version. */
const REPLICAS_MIN = 3;
/** Replicas times segments, all together; with more, no replica is told apart. */
const STRATA_MAX = 256;
/** What one replica alone carries has less than this part of the evidence without it. */
const CARRIED_PART = 0.5;

type Stakes = (stakes: readonly number[], strata: readonly Stratum[]) => readonly number[];

/** What a tick adds. */
type Added = {
  /** The tick's strata when rows are counted so. */
  readonly strata: (count: (row: EvidenceRow) => Count) => readonly Stratum[];
  readonly stakes: Stakes;
  /** Null where segments gather nothing. */
  readonly segmentStakes: Stakes | null;
  /** Of a segment that is new. */
  readonly unseen: readonly number[];
};

export function withReplicas(
  before: GuardEvidence,
  { metric }: SequentialGuard,
  rows: readonly EvidenceRow[],
  added: Added,
): GuardEvidence["replicas"] {
  if (metric.kind !== "events") return before.replicas;
  if (!isOutcomeEvent(metric.event) && !isAnswerEvent(metric.event)) return before.replicas;
  const seen = rows.flatMap((row) => (row.arm === "candidate" ? Object.keys(row.replicas) : []));
  const names = [...new Set([...Object.keys(before.replicas), ...seen])].sort();
  const segments = new Set([...Object.keys(before.segments), ...rows.map((row) => row.segment)]);
  if (names.length * (segments.size + 1) > STRATA_MAX) return {};
  return Object.fromEntries(
    names.map((name) => {
      const strata = added.strata((row) =>
        row.arm === "candidate" ? countWithout(metric, row, name) : countIn(metric, row),
      );
      // Until now it had answered nothing: without it the evidence was what it was.
      return [name, withoutOne(before.replicas[name] ?? withAll(before), strata, added)];
    }),
  );
}

function withoutOne(
  own: WithoutReplica,
  strata: readonly Stratum[],
  { stakes, segmentStakes, unseen }: Added,
): WithoutReplica {
  const pooled = stakes(own.pooled, strata);
  if (segmentStakes === null) return { pooled, segments: own.segments };
  const names = new Set([...Object.keys(own.segments), ...strata.map(({ segment }) => segment)]);
  const segments = [...names].map((name): [string, readonly number[]] => [
    name,
    segmentStakes(
      (Object.hasOwn(own.segments, name) ? own.segments[name] : undefined) ?? unseen,
      strata.filter(({ segment }) => segment === name),
    ),
  ]);
  return { pooled, segments: Object.fromEntries(segments) };
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
  { replicas, ticks, late }: GuardEvidence,
  planned: number,
  logNeeded: number,
): string | null {
  const names = Object.keys(replicas);
  if (names.length < REPLICAS_MIN) return null;
  const without = Object.entries(replicas).map(([name, { pooled, segments }]) => ({
    name,
    logE: hybridLogE(
      withBets(stakesLogE(pooled, ticks, planned, keptOf(late)), late, name),
      Object.values(segments).map((stakes) => stakesLogE(stakes, ticks, planned)),
    ),
  }));
  const least = without.reduce((a, b) => (b.logE < a.logE ? b : a));
  return least.logE < CARRIED_PART * logNeeded ? least.name : null;
}
