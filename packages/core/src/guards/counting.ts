// How a tick's rows count for a metric: so many, of which some are bad; and by key bucket of the users, which tells how
// much users differ.

import { SCORE_PREFIX } from "../evidence/feedback.ts";
import {
  badOf,
  countedOf,
  ENDINGS,
  type EvidenceRow,
  KEY_BUCKETS,
  type Mishap,
  type ServingArm,
} from "../evidence/row.ts";
import { binOf, countAbove, countOf, type Histogram } from "../histogram.ts";
import {
  type AnswerEvent,
  type EventMetric,
  isAnswerEvent,
  isOutcomeEvent,
  type OutcomeEvent,
} from "./guard.ts";

export type Count = { readonly n: number; readonly bad: number };

/** By key bucket. */
export type BucketCounts = {
  readonly arrivals: readonly number[];
  readonly bad: readonly number[];
};

/** What counts as bad; `all`: whatever does. */
export type Mishapped = readonly Mishap[] | "all";

const NOTHING: Count = { n: 0, bad: 0 };

/** The outcomes of each event; errors are all that are bad. */
const OUTCOMES_OF: { readonly [event in Exclude<OutcomeEvent, "errors">]: readonly Mishap[] } = {
  incompatible: ["incompatible"],
  "rate-limited": ["rate_limited"],
  truncated: ["truncated", "stream_error"],
  timeouts: ["timeout", "overdue"],
  "server-errors": ["server_error", "connect"],
  invalid: ["invalid"],
};

const ENDINGS_OF: { readonly [event in AnswerEvent]: readonly Mishap[] } = {
  refusals: ["refused"],
  empty: ["empty"],
  "cut-off": ["cut-off"],
};

/** A metric of requests counts mishaps; null for those of labels. */
export function mishapsOf(metric: EventMetric): Mishapped | null {
  if (metric.kind !== "events") return null;
  const { event } = metric;
  if (event === "errors") return "all";
  if (isOutcomeEvent(event)) return OUTCOMES_OF[event];
  return isAnswerEvent(event) ? ENDINGS_OF[event] : null;
}

/** The tally of a metric of labels; null for memory, which has none, and for requests. */
function tallyName(metric: EventMetric): string | null {
  if (metric.kind === "score") return `${SCORE_PREFIX}${metric.score}`;
  return metric.kind === "events" ? metric.event : null;
}

export function countIn(metric: EventMetric, row: EvidenceRow): Count {
  return counterOf(metric)(row);
}

/** How a metric counts rows: for many of them it is found out once. */
export function counterOf(metric: EventMetric): (row: EvidenceRow) => Count {
  if (metric.kind === "memory") {
    const { mibMax } = metric;
    return ({ feedback }) => (feedback === null ? NOTHING : overIn(feedback.health.memory, mibMax));
  }
  const mishaps = mishapsOf(metric);
  if (mishaps === "all") return (row) => ({ n: countedOf(row), bad: badOf(row) });
  if (mishaps === null) {
    const name = tallyName(metric) ?? "";
    return ({ feedback }) => feedback?.tallies[name] ?? NOTHING;
  }
  return metric.kind === "events" && isAnswerEvent(metric.event)
    ? (row) => ({ n: readIn(row), bad: sumOf(row.endings, mishaps) })
    : (row) => ({ n: countedOf(row), bad: sumOf(row.outcomes, mishaps) });
}

/** Of sums over a window. */
export function outcomeCount(
  event: OutcomeEvent,
  sum: {
    readonly counted: number;
    readonly bad: number;
    readonly outcomes: EvidenceRow["outcomes"];
  },
): Count {
  const bad = event === "errors" ? sum.bad : sumOf(sum.outcomes, OUTCOMES_OF[event]);
  return { n: sum.counted, bad };
}

function readIn({ endings }: EvidenceRow): number {
  return sumOf(endings, ENDINGS);
}

function sumOf(counts: { readonly [name: string]: number }, names: readonly string[]): number {
  let sum = 0;
  for (const name of names) sum += counts[name] ?? 0;
  return sum;
}

function overIn(memory: Histogram, mibMax: number): Count {
  return { n: countOf(memory), bad: countAbove(memory, binOf(mibMax)) };
}

export function countAll(metric: EventMetric, rows: readonly EvidenceRow[]): Count {
  return rows.reduce((sum, row) => {
    const { n, bad } = countIn(metric, row);
    return { n: sum.n + n, bad: sum.bad + bad };
  }, NOTHING);
}

/** Without what one replica answered; only metrics of requests know replicas. */
export function countWithout(metric: EventMetric, row: EvidenceRow, replica: string): Count {
  const all = countIn(metric, row);
  const own = row.replicas[replica];
  const mishaps = mishapsOf(metric);
  if (own === undefined || mishaps === null || metric.kind !== "events") return all;
  if (mishaps === "all") return { n: all.n - own.counted, bad: all.bad - own.bad };
  const n = isAnswerEvent(metric.event) ? own.read : own.counted;
  return { n: Math.max(0, all.n - n), bad: Math.max(0, all.bad - sumOf(own.mishaps, mishaps)) };
}

/** How an arm's requests ended, several rows together. */
export type Ended = {
  counted: number;
  bad: number;
  /** Answers that could be read. */
  read: number;
  /** By outcome and by ending. */
  readonly named: { [name: string]: number };
};

export function endedOf(rows: readonly EvidenceRow[], arm: ServingArm): Ended {
  const ended: Ended = { counted: 0, bad: 0, read: 0, named: {} };
  for (const row of rows) {
    if (row.arm !== arm) continue;
    ended.counted += countedOf(row);
    ended.bad += badOf(row);
    ended.read += readIn(row);
    addNamedCounts(ended.named, row.outcomes);
    addNamedCounts(ended.named, row.endings);
  }
  return ended;
}

/** How an arm's requests of one key bucket ended, several rows together. */
export type BucketEnded = Pick<Ended, "counted" | "bad" | "named">;

export function bucketEndedOf(
  rows: readonly EvidenceRow[],
  arm: ServingArm,
  bucket: number,
): BucketEnded {
  const ended: BucketEnded = { counted: 0, bad: 0, named: {} };
  for (const row of rows) {
    if (row.arm !== arm) continue;
    const { arrivals, bad, mishaps } = row.buckets;
    const own = mishaps[bucket] ?? {};
    const neutral = (own.cancelled ?? 0) + (own.client_error ?? 0);
    ended.counted += Math.max(0, (arrivals[bucket] ?? 0) - neutral);
    ended.bad += bad[bucket] ?? 0;
    addNamedCounts(ended.named, own);
  }
  return ended;
}

/** A count of outcomes without those of one key bucket. */
export function outcomesWithout(event: OutcomeEvent, all: Count, own: BucketEnded): Count {
  const n = Math.max(0, all.n - own.counted);
  const bad = event === "errors" ? own.bad : sumOf(own.named, OUTCOMES_OF[event]);
  return { n, bad: Math.min(n, Math.max(0, all.bad - bad)) };
}

function addNamedCounts(
  sums: { [name: string]: number },
  counts: { readonly [name: string]: number },
): void {
  for (const name in counts) sums[name] = (sums[name] ?? 0) + (counts[name] ?? 0);
}

/** How a metric of requests counts them; null for labels. */
export function endedCounterOf(metric: EventMetric): ((ended: Ended) => Count) | null {
  const mishaps = mishapsOf(metric);
  if (mishaps === null || metric.kind !== "events") return null;
  if (mishaps === "all") return ({ counted, bad }) => ({ n: counted, bad });
  return isAnswerEvent(metric.event)
    ? ({ read, named }) => ({ n: read, bad: sumOf(named, mishaps) })
    : ({ counted, named }) => ({ n: counted, bad: sumOf(named, mishaps) });
}

/** Labels by key bucket, added to what there was. */
export function bucketCounts(
  metric: EventMetric,
  rows: readonly EvidenceRow[],
  before: BucketCounts,
): BucketCounts {
  if (rows.length === 0) return before;
  const sum = { arrivals: before.arrivals.slice(), bad: before.bad.slice() };
  for (const row of rows) addBucketsOf(metric, row, sum);
  return sum;
}

type BucketSums = { readonly arrivals: number[]; readonly bad: number[] };

function addBucketsOf(metric: EventMetric, { feedback }: EvidenceRow, sum: BucketSums): void {
  if (feedback === null) return;
  if (metric.kind === "memory") {
    addNamed(sum, feedback.health.memoryBy, (memory) => overIn(memory, metric.mibMax));
    return;
  }
  addNamed(sum, feedback.tallies[tallyName(metric) ?? ""]?.buckets ?? {}, (count) => count);
}

function addNamed<T>(
  { arrivals, bad }: BucketSums,
  named: { readonly [bucket: string]: T },
  countOf: (own: T) => Count,
): void {
  for (const name in named) {
    const bucket = Number(name);
    const own = named[name];
    if (bucket >= KEY_BUCKETS || own === undefined) continue;
    const count = countOf(own);
    arrivals[bucket] = (arrivals[bucket] ?? 0) + count.n;
    bad[bucket] = (bad[bucket] ?? 0) + count.bad;
  }
}
