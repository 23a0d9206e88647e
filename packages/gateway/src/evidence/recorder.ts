// Turns requests into rows of evidence: an arrival when it is assigned, an outcome when it is judged. A request
// is judged once, in the tick it arrived in.

import {
  addDistinct,
  addHeard,
  addSlice,
  type Ending,
  type EvidenceRow,
  emptyFeedback,
  emptyHistogram,
  emptyReplica,
  type Heard,
  type Histogram,
  isBad,
  KEY_BUCKETS,
  lengthClassOf,
  MISHAPS,
  type Mishap,
  murmur3,
  OTHER_SEGMENT,
  type Outcome,
  type Random,
  type RowKey,
  record,
  rowKeyText,
  SAMPLES_PER_ROW,
  SEGMENTS_MAX,
  type ServingArm,
  TOKENS_SQUARED_MAX,
  type Via,
} from "@slipway/core";
import type { Usage } from "../answer/usage.ts";
import type { Answered } from "../feedback/answer-id.ts";
import { ownText } from "../own-text.ts";
import type { Slice } from "../segment/segments-of.ts";
import type { ControllerTime } from "./controller-time.ts";
import type { Observed, Turn } from "./observed.ts";
import type { Spool } from "./spool.ts";

/** Another seed than assignment's: the buckets must cut across the arms. */
const BUCKET_SEED = 0xb0c4e7;

/** Rollouts whose segments are remembered. */
const ROLLOUTS_MAX = 16;
const ARRIVED = { arrivals: 1, bad: 0 } as const;
const FAILED = { arrivals: 0, bad: 1 } as const;

/** Which of the key-hash buckets a user falls into. */
function bucketOf(key: string): number {
  return murmur3(key, BUCKET_SEED) % KEY_BUCKETS;
}

export type Arrival = {
  readonly rolloutId: string;
  readonly table: number;
  readonly arm: ServingArm;
  readonly via: Via;
  /** Null for what continues no conversation. */
  readonly turn: Turn | null;
  readonly segment: string;
  readonly slices: readonly Slice[];
  readonly key: string | null;
  readonly tickMs: number;
  readonly horizonMs: number;
  readonly streamed: boolean;
};

/** How a request ended. Times in milliseconds; null where there is none to tell. */
export type Judgement = {
  readonly outcome: Outcome;
  /** A replay to stable gave the user an answer all the same. */
  readonly spared: boolean;
  readonly totalMs: number | null;
  readonly ttftMs: number | null;
  readonly tpotMs: number | null;
  readonly overheadMs: number | null;
  readonly usage: Usage | null;
  /** Of an answer that came whole and could be read. */
  readonly ending: Ending | null;
  /** Where it was sent; null when it never was. */
  readonly replica: string | null;
  /** Requests in flight there when it was sent. */
  readonly inFlight: number;
  readonly inFlightMs: number;
};

/** A row's key, and the same as a text. */
type NamedKey = { readonly key: RowKey; readonly name: string };

/** So many keys are kept: most requests belong to a row that another did just before. */
const LATEST_MAX = 8;

export class Recorder {
  readonly #time: ControllerTime;
  readonly #spool: Spool;
  readonly #random: Random;
  /** Seen so far, by rollout: over months the versions of clients alone are more than one rollout may have. */
  readonly #segments = new Map<string, Set<string>>();
  readonly #latest: NamedKey[] = [];

  constructor(time: ControllerTime, spool: Spool, random: Random) {
    this.#time = time;
    this.#spool = spool;
    this.#random = random;
  }

  /** Counts an arrival. Null before the controller's time is known: there is no tick to put it in. */
  arrive(arrival: Arrival): Observed | null {
    if (!this.#time.isKnown) return null;
    const arrivedMs = this.#time.now();
    const { key, name } = this.#rowOf(arrival, Math.floor(arrivedMs / arrival.tickMs));
    const bucket = arrival.key === null ? null : bucketOf(arrival.key);
    const row = this.#spool.row(name, key);
    row.arrivals++;
    if (arrival.turn !== null) row.turns[arrival.turn]++;
    if (arrival.key === null || bucket === null) {
      row.keyless++;
    } else {
      addDistinct(row.users, arrival.key);
      row.buckets.arrivals[bucket] = (row.buckets.arrivals[bucket] ?? 0) + 1;
    }
    const { horizonMs, slices, streamed } = arrival;
    for (const { dimension, value } of slices) addSlice(row.slices, dimension, value, ARRIVED);
    return { key, name, bucket, arrivedMs, horizonMs, streamed, slices, judged: false };
  }

  /** The row that an arrival belongs to; one of the latest, where it can be. */
  #rowOf(arrival: Arrival, tick: number): NamedKey {
    const { arm, rolloutId, table, via } = arrival;
    const segment = this.#boundedSegment(rolloutId, arrival.segment);
    for (const known of this.#latest) {
      const { key } = known;
      if (key.tick !== tick || key.arm !== arm || key.segment !== segment) continue;
      if (key.via === via && key.table === table && key.rolloutId === rolloutId) return known;
    }
    const key = { rolloutId, table, tick, arm, via, segment };
    const made = { key, name: rowKeyText(key) };
    if (this.#latest.length === LATEST_MAX) this.#latest.shift();
    this.#latest.push(made);
    return made;
  }

  /** Counts feedback in the tick in which it came: there is no telling how long its answer took from that. */
  hear({ arm, cohort, segment }: Answered, heard: Heard, tickMs: number): void {
    if (!this.#time.isKnown || cohort === null) return;
    const { rolloutId, table, via, bucket } = cohort;
    const key = {
      rolloutId,
      table,
      tick: Math.floor(this.#time.now() / tickMs),
      arm,
      via,
      segment: this.#boundedSegment(rolloutId, segment),
    };
    const row = this.#spool.row(rowKeyText(key), key);
    row.feedback ??= emptyFeedback();
    addHeard(row.feedback, heard, bucket);
  }

  /** True when the horizon of a request has passed without a judgement. */
  isOverdue(observed: Observed): boolean {
    return !observed.judged && this.#time.now() >= observed.arrivedMs + observed.horizonMs;
  }

  /** The first judgement counts; any later one does nothing. */
  judge(observed: Observed, judgement: Judgement): void {
    if (observed.judged) return;
    observed.judged = true;
    const row = this.#spool.row(observed.name, observed.key);
    const { outcome, usage } = judgement;
    row.judged++;
    row.outcomes[outcome] = (row.outcomes[outcome] ?? 0) + 1;
    row.inFlightMs += judgement.inFlightMs;
    if (judgement.spared) row.spared++;
    this.#countPlaces(row, observed, judgement);
    addLatencies(row, observed, judgement);
    const ending = outcome === "ok" ? judgement.ending : null;
    if (ending !== null) row.endings[ending] = (row.endings[ending] ?? 0) + 1;
    if (outcome !== "ok" || usage === null) return;
    addUsage(row, observed.bucket, usage);
    this.#sample(row, judgement, usage);
  }

  #countPlaces(row: EvidenceRow, observed: Observed, judgement: Judgement): void {
    const bad = isBad(judgement.outcome) ? 1 : 0;
    if (observed.bucket !== null) countInBucket(row, observed.bucket, judgement);
    if (bad === 1) {
      for (const { dimension, value } of observed.slices) {
        addSlice(row.slices, dimension, value, FAILED);
      }
    }
    if (judgement.replica !== null) countAtReplica(row, judgement.replica, judgement);
  }

  /** Every ok request with usage has the same chance to be in the row's sample. */
  #sample(row: EvidenceRow, judgement: Judgement, usage: Usage): void {
    const { ttftMs, totalMs, replica, inFlight } = judgement;
    if (totalMs === null || replica === null) return;
    const sample = { ...usage, ttftMs: ttftMs ?? totalMs, totalMs, inFlight, replica };
    if (row.samples.length < SAMPLES_PER_ROW) {
      row.samples.push(sample);
      return;
    }
    const place = Math.floor(this.#random.next() * (row.outcomes.ok ?? 1));
    if (place < SAMPLES_PER_ROW) row.samples[place] = sample;
  }

  #boundedSegment(rolloutId: string, segment: string): string {
    const seen = this.#segments.get(rolloutId) ?? this.#begun(rolloutId);
    if (seen.has(segment)) return segment;
    if (seen.size >= SEGMENTS_MAX) return OTHER_SEGMENT;
    seen.add(ownText(segment));
    return segment;
  }

  #begun(rolloutId: string): Set<string> {
    const seen = new Set<string>();
    this.#segments.set(rolloutId, seen);
    const [oldest] = this.#segments.keys();
    if (this.#segments.size > ROLLOUTS_MAX && oldest !== undefined) this.#segments.delete(oldest);
    return seen;
  }
}

function countInBucket(row: EvidenceRow, bucket: number, judgement: Judgement): void {
  const mishap = mishapOf(judgement);
  if (isBad(judgement.outcome)) row.buckets.bad[bucket] = (row.buckets.bad[bucket] ?? 0) + 1;
  if (mishap === null) return;
  const own = row.buckets.mishaps[bucket] ?? {};
  own[mishap] = (own[mishap] ?? 0) + 1;
  row.buckets.mishaps[bucket] = own;
}

function countAtReplica(row: EvidenceRow, replica: string, judgement: Judgement): void {
  const { outcome, ending } = judgement;
  const mishap = mishapOf(judgement);
  const counts = row.replicas[replica] ?? emptyReplica();
  counts.arrivals++;
  if (isBad(outcome)) counts.bad++;
  if (isBad(outcome) || outcome === "ok") counts.counted++;
  if (outcome === "ok" && ending !== null) counts.read++;
  if (mishap !== null) counts.mishaps[mishap] = (counts.mishaps[mishap] ?? 0) + 1;
  row.replicas[replica] = counts;
}

/** Null for a good answer, and for what counts against nobody. */
function mishapOf({ outcome, ending }: Judgement): Mishap | null {
  if (outcome !== "ok") return MISHAPS.find((mishap) => mishap === outcome) ?? null;
  return ending === null || ending === "answered" ? null : ending;
}

function addUsage(row: EvidenceRow, bucket: number | null, usage: Usage): void {
  const { tokens, usage: sums, buckets } = row;
  const { inputTokens, cachedTokens, outputTokens } = usage;
  tokens.input += inputTokens;
  tokens.cached += cachedTokens;
  tokens.output += outputTokens;
  const [i, c, o] = [inputTokens, cachedTokens, outputTokens].map((count) =>
    Math.min(count, TOKENS_SQUARED_MAX),
  ) as [number, number, number];
  sums.n++;
  sums.ii += i * i;
  sums.ic += i * c;
  sums.io += i * o;
  sums.cc += c * c;
  sums.co += c * o;
  sums.oo += o * o;
  if (bucket === null) return;
  addAt(buckets.tokens.input, bucket, inputTokens);
  addAt(buckets.tokens.cached, bucket, cachedTokens);
  addAt(buckets.tokens.output, bucket, outputTokens);
}

/** Arrays are as long as the highest bucket that was seen. */
function addAt(counts: number[], bucket: number, added: number): void {
  while (counts.length <= bucket) counts.push(0);
  counts[bucket] = (counts[bucket] ?? 0) + added;
}

function addLatencies(row: EvidenceRow, observed: Observed, judgement: Judgement): void {
  const { outcome, totalMs, ttftMs, tpotMs, overheadMs } = judgement;
  const { latency } = row;
  const isSlow = outcome === "timeout" || outcome === "overdue";
  if (outcome !== "ok" && !isSlow) return;
  // What is slow took longer than can be told: over every limit. What was seen of it still counts as seen.
  add(latency.total, isSlow ? null : totalMs, isSlow);
  add(latency.overhead, overheadMs, false);
  const { usage } = judgement;
  if (outcome === "ok" && usage !== null && usage.outputTokens > 0) {
    const place = lengthClassOf(usage.outputTokens);
    addInClass(row.lengths.total, place, totalMs);
    if (observed.streamed) addInClass(row.lengths.tpot, place, tpotMs);
  }
  if (!observed.streamed) return;
  add(latency.ttft, ttftMs, isSlow);
  add(latency.tpot, isSlow ? null : tpotMs, isSlow);
}

function add(histogram: Histogram, valueMs: number | null, isOver: boolean): void {
  if (valueMs !== null) record(histogram, valueMs);
  else if (isOver) histogram.over++;
}

function addInClass(classes: Histogram[], place: number, valueMs: number | null): void {
  if (valueMs === null) return;
  while (classes.length <= place) classes.push(emptyHistogram());
  const histogram = classes[place];
  if (histogram !== undefined) record(histogram, valueMs);
}
