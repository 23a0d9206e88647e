// A tick's requests as a sequential guard counts them: per segment, both arms, and how many were bad under a
// hypothesis. Latencies are counted by whole bins, so the counts are exact.

import { OTHER_SEGMENT, SEGMENTS_MAX } from "../../evidence/evidence.ts";
import { type EvidenceRow, LENGTH_CLASSES, type ServingArm } from "../../evidence/row.ts";
import {
  binsOfFactor,
  countAbove,
  countOf,
  emptyHistogram,
  type Histogram,
  mergeInto,
} from "../../histogram.ts";
import type { TwoArms } from "../../statistics/ratio-e.ts";
import { type Count, countIn } from "../counting.ts";
import { isLabel, type LatencyMetric, type SequentialGuard } from "../guard.ts";

export type Stratum = {
  readonly segment: string;
  /** Its requests are in other strata too: they count once. */
  readonly overlaps: boolean;
  /** Counts under the hypothesis that the ratio is `hypothesis`. */
  readonly countsAt: (hypothesis: number) => TwoArms;
};

type Known = { readonly [segment: string]: unknown };

export type Counting = {
  /** Latency guards: the bin beyond which stable's answers count, one, or one by class of length. */
  readonly edges: readonly (number | null)[];
  /** Segments of earlier ticks. */
  readonly known: Known;
  /** Guards of events: how a row counts. */
  readonly count?: (row: EvidenceRow) => Count;
};

/** The strata of a tick. A latency guard without an edge has none, nor has one of means. */
export function strataOf(
  { metric }: SequentialGuard,
  rows: readonly EvidenceRow[],
  { edges, known, count }: Counting,
): readonly Stratum[] {
  if (metric.kind === "mean") return [];
  const groups = [...bySegment(rows, known)].sort(([a], [b]) => (a < b ? -1 : 1));
  if (metric.kind === "latency") {
    return groups.flatMap(([segment, own]) => latencyStrata(metric, segment, own, edges));
  }
  const counted = count ?? ((row: EvidenceRow) => countIn(metric, row));
  return groups.flatMap(([segment, own]) =>
    cohortsOf(own, isLabel(metric)).map((rowsOf) => eventStratum(segment, rowsOf, counted)),
  );
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

/**
 * Labels come late, and bad ones sooner than good ones: only those of requests that came at like times may be compared.
 * While one table stands, the shares of the arms do: their labels are of like age, however long they take.
 */
function cohortsOf(
  rows: readonly EvidenceRow[],
  areLabels: boolean,
): readonly (readonly EvidenceRow[])[] {
  if (!areLabels) return [rows];
  const tables = [...new Set(rows.map(({ table }) => table))].sort((a, b) => a - b);
  return tables.map((table) => rows.filter((row) => row.table === table));
}

function eventStratum(
  segment: string,
  rows: readonly EvidenceRow[],
  count: (row: EvidenceRow) => Count,
): Stratum {
  const arm = (name: ServingArm): Count => {
    const own = rows.filter((row) => row.arm === name).map(count);
    return {
      n: own.reduce((sum, { n }) => sum + n, 0),
      bad: own.reduce((sum, { bad }) => sum + bad, 0),
    };
  };
  const counts = { candidate: arm("candidate"), stable: arm("stable") };
  return { segment, overlaps: false, countsAt: () => counts };
}

function latencyStrata(
  metric: LatencyMetric,
  segment: string,
  rows: readonly EvidenceRow[],
  edges: readonly (number | null)[],
): readonly Stratum[] {
  const { time } = metric;
  const all = (row: EvidenceRow): Histogram => row.latency[time];
  if (!metric.byLength || time === "ttft") {
    const [edge = null] = edges;
    return edge === null ? [] : [latencyStratum(segment, rows, all, edge)];
  }
  const classes = Array.from({ length: LENGTH_CLASSES }, (_, place) => {
    const edge = edges[place] ?? null;
    const own = (row: EvidenceRow): Histogram | undefined => row.lengths[time][place];
    return edge === null ? [] : [latencyStratum(segment, rows, own, edge)];
  }).flat();
  return [...classes, unfinishedStratum(segment, rows, all)];
}

function latencyStratum(
  segment: string,
  rows: readonly EvidenceRow[],
  histogramOf: (row: EvidenceRow) => Histogram | undefined,
  edge: number,
): Stratum {
  const arm = (name: ServingArm): Histogram => {
    const sum = emptyHistogram();
    for (const row of rows) {
      const own = row.arm === name ? histogramOf(row) : undefined;
      if (own !== undefined) mergeInto(sum, own);
    }
    return sum;
  };
  const [candidate, stable] = [arm("candidate"), arm("stable")];
  const n = countOf(candidate);
  const baseline: Count = { n: countOf(stable), bad: countAbove(stable, edge) };
  return {
    segment,
    overlaps: false,
    countsAt: (hypothesis) => ({
      candidate: { n, bad: countAbove(candidate, edge + binsOfFactor(hypothesis)) },
      stable: baseline,
    }),
  };
}

/** An answer that never ended has no length that is known: it counts among all. */
function unfinishedStratum(
  segment: string,
  rows: readonly EvidenceRow[],
  histogramOf: (row: EvidenceRow) => Histogram,
): Stratum {
  const arm = (name: ServingArm): Count => {
    const own = rows.filter((row) => row.arm === name).map(histogramOf);
    return {
      n: own.reduce((sum, histogram) => sum + countOf(histogram), 0),
      bad: own.reduce((sum, { over }) => sum + over, 0),
    };
  };
  const counts = { candidate: arm("candidate"), stable: arm("stable") };
  return { segment, overlaps: true, countsAt: () => counts };
}

/** Of all strata together. */
export function pooledCounts(strata: readonly Stratum[], hypothesis: number): TwoArms {
  const none = { n: 0, bad: 0 };
  return strata.reduce<TwoArms>(
    (sum, { overlaps, countsAt }) => {
      const { candidate, stable } = countsAt(hypothesis);
      const plus = (a: Count, b: Count): Count => ({
        n: a.n + (overlaps ? 0 : b.n),
        bad: a.bad + b.bad,
      });
      return { candidate: plus(sum.candidate, candidate), stable: plus(sum.stable, stable) };
    },
    { candidate: none, stable: none },
  );
}
