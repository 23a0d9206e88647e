// A tick's requests as a sequential guard counts them: per segment, both arms, and how many were bad under a
// hypothesis. Latencies are counted by whole bins, so the counts are exact.

import { OTHER_SEGMENT, SEGMENTS_MAX } from "../../evidence/evidence.ts";
import { addOctaves, isAbove, type Octaves } from "../../evidence/pace.ts";
import { type EvidenceRow, LENGTH_CLASSES, type ServingArm } from "../../evidence/row.ts";
import { BINS_PER_OCTAVE } from "../../histogram.ts";
import type { TwoArms } from "../../statistics/ratio-e.ts";
import {
  type Count,
  counterOf,
  countIn,
  countWithout,
  type Ended,
  endedCounterOf,
  outcomesWithout,
} from "../counting.ts";
import {
  isOutcomeMetric,
  type LatencyMetric,
  type LatencyTime,
  type Metric,
  type OutcomeEvent,
  type SequentialGuard,
} from "../guard.ts";
import { grouped, type SegmentRows, type Tail } from "./segment-rows.ts";
import { digestOf } from "./tick-digest.ts";

export type Stratum = {
  readonly segment: string;
  readonly rows: readonly EvidenceRow[];
  /** Its requests are in other strata too: they count once. */
  readonly overlaps: boolean;
  readonly candidateN: number;
  /** Of a candidate whose latencies are this many bins shorter; events are bad whatever a hypothesis says. */
  readonly candidateBadAt: (bins: number) => number;
  readonly stable: Count;
  /** Of latencies, where they are counted from; null for events, and where replicas are not told apart. */
  readonly slow: Slow | null;
  /** What it says of the rung that was asked last, kept by whoever asks. */
  readonly told: Told;
};

type Told = { rung: object | null; logE: readonly number[] | null };

function nothingTold(): Told {
  return { rung: null, logE: null };
}

type Slow = { readonly time: LatencyTime; readonly edge: number; readonly tail: Tail };

type Known = { readonly [segment: string]: unknown };

export type Counting = {
  /** Latency guards: the bin beyond which stable's answers count, one, or one by class of length. */
  readonly edges: readonly (number | null)[];
  /** Segments of earlier ticks. */
  readonly known: Known;
  /** A key bucket to leave out; none where absent. Only outcomes can be told without one. */
  readonly without?: number;
};

/** Those beyond the most that are told apart are put together. */
function segmentsIn(rows: readonly EvidenceRow[], known: Known): readonly SegmentRows[] {
  const { segments } = digestOf(rows);
  const room = SEGMENTS_MAX - Object.keys(known).length;
  if (segments.length <= room) return segments;
  const isKnown = (segment: string): boolean => Object.hasOwn(known, segment);
  const added = [...new Set(rows.map(({ segment }) => segment))].filter((name) => !isKnown(name));
  const beyond = new Set(added.slice(Math.max(0, room)));
  if (beyond.size === 0) return segments;
  return grouped(rows, ({ segment }) => (beyond.has(segment) ? OTHER_SEGMENT : segment));
}

/** The strata of a tick. A latency guard without an edge has none, nor has one of means. */
export function strataOf(
  { metric }: SequentialGuard,
  rows: readonly EvidenceRow[],
  { edges, known, without }: Counting,
): readonly Stratum[] {
  if (metric.kind === "mean") return [];
  const segments = segmentsIn(rows, known);
  if (metric.kind === "latency") {
    return segments.flatMap((segment) => latencyStrata(metric, segment, edges));
  }
  const ofEnded = endedCounterOf(metric);
  if (ofEnded !== null && without !== undefined && isOutcomeMetric(metric)) {
    return segments.map((segment) => othersStratum(segment, ofEnded, metric.event, without));
  }
  if (ofEnded !== null) return segments.map((segment) => requestStratum(segment, ofEnded));
  const counted = counterOf(metric);
  return segments.flatMap(({ segment, rows: own }) =>
    cohortsOf(own).map((rowsOf) => eventStratum(segment, rowsOf, counted)),
  );
}

/**
 * Labels come late, and bad ones sooner than good ones: only those of requests that came at like times may be compared.
 * While one table stands, the shares of the arms do: their labels are of like age, however long they take.
 */
function cohortsOf(rows: readonly EvidenceRow[]): readonly (readonly EvidenceRow[])[] {
  const tables = [...new Set(rows.map(({ table }) => table))].sort((a, b) => a - b);
  return tables.map((table) => rows.filter((row) => row.table === table));
}

function requestStratum(own: SegmentRows, count: (ended: Ended) => Count): Stratum {
  const { segment, rows } = own;
  return stratumOf(segment, rows, count(own.ended("candidate")), count(own.ended("stable")));
}

/** Without those of one key bucket. */
function othersStratum(
  own: SegmentRows,
  count: (ended: Ended) => Count,
  event: OutcomeEvent,
  without: number,
): Stratum {
  const others = (arm: ServingArm): Count =>
    outcomesWithout(event, count(own.ended(arm)), own.inBucket(arm, without));
  return stratumOf(own.segment, own.rows, others("candidate"), others("stable"));
}

function eventStratum(
  segment: string,
  rows: readonly EvidenceRow[],
  count: (row: EvidenceRow) => Count,
): Stratum {
  const sums = { candidate: { n: 0, bad: 0 }, stable: { n: 0, bad: 0 } };
  for (const row of rows) {
    const sum = sums[row.arm];
    const { n, bad } = count(row);
    sum.n += n;
    sum.bad += bad;
  }
  return stratumOf(segment, rows, sums.candidate, sums.stable);
}

function stratumOf(
  segment: string,
  rows: readonly EvidenceRow[],
  candidate: Count,
  stable: Count,
): Stratum {
  return {
    segment,
    rows,
    overlaps: false,
    candidateN: candidate.n,
    candidateBadAt: () => candidate.bad,
    stable,
    slow: null,
    told: nothingTold(),
  };
}

function latencyStrata(
  metric: LatencyMetric,
  segment: SegmentRows,
  edges: readonly (number | null)[],
): readonly Stratum[] {
  const { time } = metric;
  const all = (arm: ServingArm): Tail => segment.tail(arm, time, ({ latency }) => latency[time]);
  if (!metric.byLength || time === "ttft") {
    const [edge = null] = edges;
    return edge === null ? [] : [latencyStratum(segment, all, edge, time)];
  }
  const classes = Array.from({ length: LENGTH_CLASSES }, (_, place) => {
    const edge = edges[place] ?? null;
    const own = (arm: ServingArm): Tail =>
      segment.tail(arm, `${time} ${place}`, ({ lengths }) => lengths[time][place]);
    return edge === null ? [] : [latencyStratum(segment, own, edge, null)];
  }).flat();
  return [...classes, unfinishedStratum(segment, all)];
}

function latencyStratum(
  { segment, rows }: SegmentRows,
  tail: (arm: ServingArm) => Tail,
  edge: number,
  /** Null for a class of length: replicas have no latencies by that. */
  time: LatencyTime | null,
): Stratum {
  const [candidate, stable] = [tail("candidate"), tail("stable")];
  return {
    segment,
    rows,
    overlaps: false,
    candidateN: candidate.n,
    candidateBadAt: (bins) => candidate.above(edge + bins),
    stable: { n: stable.n, bad: stable.above(edge) },
    slow: time === null ? null : { time, edge, tail: candidate },
    told: nothingTold(),
  };
}

/** An answer that never ended has no length that is known: it counts among all. */
function unfinishedStratum(
  { segment, rows }: SegmentRows,
  tail: (arm: ServingArm) => Tail,
): Stratum {
  const [candidate, stable] = [tail("candidate"), tail("stable")];
  return {
    segment,
    rows,
    overlaps: true,
    candidateN: candidate.n,
    candidateBadAt: () => candidate.over,
    stable: { n: stable.n, bad: stable.over },
    slow: null,
    told: nothingTold(),
  };
}

/** A stratum of events where its rows count otherwise. */
function recounted({ segment, rows }: Stratum, count: (row: EvidenceRow) => Count): Stratum {
  return eventStratum(segment, rows, count);
}

/**
 * A stratum of latencies without those of one of the candidate's replicas. Within the octave of a bin a replica's are
 * taken to lie as all of the candidate's do.
 */
function withoutSlow(stratum: Stratum, slow: Slow, replica: string): Stratum {
  const { time, edge, tail } = slow;
  const octaves: Octaves = {};
  for (const { arm, replicas } of stratum.rows) {
    if (arm === "candidate") addOctaves(octaves, replicas[replica]?.pace[time] ?? {});
  }
  let n = 0;
  for (const name in octaves) n += octaves[name] ?? 0;
  const above = (bin: number): number => {
    const octave = Math.ceil(bin / BINS_PER_OCTAVE);
    const beyond = tail.above(octave * BINS_PER_OCTAVE);
    const within = tail.above((octave - 1) * BINS_PER_OCTAVE) - beyond;
    const part = within === 0 ? 0 : (tail.above(bin) - beyond) / within;
    let sum = 0;
    for (const name in octaves) {
      const count = octaves[name] ?? 0;
      if (isAbove(name, octave)) sum += count;
      else if (name === String(octave)) sum += part * count;
    }
    return sum;
  };
  return {
    ...stratum,
    told: nothingTold(),
    candidateN: Math.max(0, stratum.candidateN - n),
    candidateBadAt: (bins) => Math.max(0, stratum.candidateBadAt(bins) - above(edge + bins)),
  };
}

/** Where nothing bad happened, the arms do not differ. */
export function hasEvents({ candidateBadAt, stable }: Stratum, bins: number): boolean {
  return stable.bad + candidateBadAt(bins) > 0;
}

export function countsAt({ candidateN, candidateBadAt, stable }: Stratum, bins: number): TwoArms {
  return { candidate: { n: candidateN, bad: candidateBadAt(bins) }, stable };
}

/** Of all strata together, under the hypothesis of so many bins. */
export function pooledCounts(strata: readonly Stratum[], bins: number): TwoArms {
  const candidate = { n: 0, bad: 0 };
  const stable = { n: 0, bad: 0 };
  for (const one of strata) {
    candidate.n += one.overlaps ? 0 : one.candidateN;
    candidate.bad += one.candidateBadAt(bins);
    stable.n += one.overlaps ? 0 : one.stable.n;
    stable.bad += one.stable.bad;
  }
  return { candidate, stable };
}

/** Those of a segment come one after the other. */
export function bySegment(strata: readonly Stratum[]): readonly (readonly Stratum[])[] {
  const groups: Stratum[][] = [];
  let last: string | null = null;
  for (const stratum of strata) {
    if (stratum.segment === last) groups.at(-1)?.push(stratum);
    else groups.push([stratum]);
    last = stratum.segment;
  }
  return groups;
}

/** What one replica of the candidate answered left out. */
export function withoutReplica(stratum: Stratum, metric: Metric, name: string): Stratum {
  if (stratum.slow !== null) return withoutSlow(stratum, stratum.slow, name);
  if (metric.kind === "latency" || metric.kind === "mean") return stratum;
  return recounted(stratum, (row) =>
    row.arm === "candidate" ? countWithout(metric, row, name) : countIn(metric, row),
  );
}
