// A tick's requests as a sequential guard counts them: per segment, both arms, and how many were bad under a
// hypothesis. Latencies are counted by whole bins, so the counts are exact.

import { OTHER_SEGMENT, SEGMENTS_MAX } from "../../evidence/evidence.ts";
import { badOf, countedOf, type EvidenceRow, type ServingArm } from "../../evidence/row.ts";
import {
  binsOfFactor,
  countAbove,
  countOf,
  emptyHistogram,
  type Histogram,
  mergeInto,
} from "../../histogram.ts";
import type { LatencyTest, SequentialGuard } from "../../policy.ts";
import type { TwoArms } from "../../statistics/ratio-e.ts";

export type Stratum = {
  readonly segment: string;
  /** Counts under the hypothesis that the ratio is `hypothesis`. */
  readonly countsAt: (hypothesis: number) => TwoArms;
};

type Known = { readonly [segment: string]: unknown };

/** The strata of a tick. A latency guard without an edge has none. `known`: segments of earlier ticks. */
export function strataOf(
  guard: SequentialGuard,
  rows: readonly EvidenceRow[],
  edge: number | null,
  known: Known,
): readonly Stratum[] {
  const groups = [...bySegment(rows, known)].sort(([a], [b]) => (a < b ? -1 : 1));
  if (guard.kind === "error-ratio") {
    return groups.map(([segment, own]) => errorStratum(segment, own));
  }
  if (edge === null) return [];
  return groups.map(([segment, own]) => latencyStratum(guard, segment, own, edge));
}

/** Segments beyond the limit are judged together. */
function bySegment(rows: readonly EvidenceRow[], known: Known): Map<string, EvidenceRow[]> {
  const groups = new Map<string, EvidenceRow[]>();
  let room = SEGMENTS_MAX - Object.keys(known).length;
  for (const row of rows) {
    const isNew = !Object.hasOwn(known, row.segment) && !groups.has(row.segment);
    const segment = isNew && room <= 0 ? OTHER_SEGMENT : row.segment;
    if (isNew) room--;
    groups.set(segment, [...(groups.get(segment) ?? []), row]);
  }
  return groups;
}

function errorStratum(segment: string, rows: readonly EvidenceRow[]): Stratum {
  const arm = (name: ServingArm): { n: number; bad: number } => {
    const own = rows.filter((row) => row.arm === name);
    return {
      n: own.reduce((sum, row) => sum + countedOf(row), 0),
      bad: own.reduce((sum, row) => sum + badOf(row), 0),
    };
  };
  const counts = { candidate: arm("candidate"), stable: arm("stable") };
  return { segment, countsAt: () => counts };
}

function latencyStratum(
  guard: LatencyTest,
  segment: string,
  rows: readonly EvidenceRow[],
  edge: number,
): Stratum {
  const arm = (name: ServingArm): Histogram => {
    const sum = emptyHistogram();
    for (const row of rows) if (row.arm === name) mergeInto(sum, row.latency[guard.metric]);
    return sum;
  };
  const slower = (histogram: Histogram, bin: number): { n: number; bad: number } => ({
    n: countOf(histogram),
    bad: countAbove(histogram, bin),
  });
  const [candidate, stable] = [arm("candidate"), arm("stable")];
  return {
    segment,
    countsAt: (hypothesis) => ({
      candidate: slower(candidate, edge + binsOfFactor(hypothesis)),
      stable: slower(stable, edge),
    }),
  };
}
