// Evidence without one replica at a time: a version is not bad for one server that is sick. The e-value without the
// sick one is valid for "the version is fine, and at most one replica is faulty", whichever that is.

import type { EvidenceRow } from "../../evidence/row.ts";
import { isAnswerEvent, isOutcomeEvent, type Metric, type SequentialGuard } from "../guard.ts";
import type { GuardEvidence, TestWithout } from "./guard-evidence.ts";
import { withoutReplica } from "./strata.ts";
import { type Added, isCarried, logEWithout, testAfter } from "./test-without.ts";
import { digestOf } from "./tick-digest.ts";

/** With fewer, one of them is half of the version. */
const REPLICAS_MIN = 3;
/** Replicas times segments, all together; with more, no replica is told apart. */
const STRATA_MAX = 256;

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
      return [name, testAfter(known[name] ?? withAll(before), { ...added, telling })];
    }),
  );
}

/** With nothing left out: what there was until then. */
function withAll({ pooled, segments }: GuardEvidence): TestWithout {
  return {
    pooled: pooled.stakes,
    segments: Object.fromEntries(
      Object.entries(segments).map(([name, { stakes }]) => [name, stakes]),
    ),
  };
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

/** The replica that alone carries an alarm of this evidence; null where none does, or there are too few to say. */
export function carrierOf(
  evidence: GuardEvidence,
  planned: number,
  logNeeded: number,
): string | null {
  const replicas = Object.entries(evidence.replicas);
  if (replicas.length < REPLICAS_MIN) return null;
  const without = replicas.map(([name, own]) => ({
    name,
    logE: logEWithout(own, evidence, planned, name),
  }));
  const least = without.reduce((a, b) => (b.logE < a.logE ? b : a));
  return isCarried(least.logE, logNeeded) ? least.name : null;
}
