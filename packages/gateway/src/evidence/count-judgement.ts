// Counts one judged request into its row: the outcome, where it happened, how long it took and what it used. The same for
// a gateway's requests and for those of a simulated world that has no gateway.

import {
  addSlice,
  countPace,
  type Ending,
  type EvidenceRow,
  emptyHistogram,
  emptyReplica,
  FAILED_PER_ROW,
  type Histogram,
  isBad,
  type LatencyTime,
  lengthClassOf,
  MISHAPS,
  type Mishap,
  NEVER,
  type Outcome,
  octaveOf,
  type Random,
  record,
  SAMPLES_PER_ROW,
  TOKENS_SQUARED_MAX,
} from "@slipway/core";
import type { Usage } from "../answer/usage.ts";
import type { Slice } from "../segment/segments-of.ts";

const FAILED = { arrivals: 0, bad: 1 } as const;

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

/** What is known of a request from its arrival. */
export type Judged = {
  /** Of its user; null for none. */
  readonly bucket: number | null;
  readonly streamed: boolean;
  /** Of its input, by its size. */
  readonly estimatedTokens: number;
  readonly slices: readonly Slice[];
};

/** `random`: which answers are kept as the row's sample. */
export function countJudgement(
  row: EvidenceRow,
  judged: Judged,
  judgement: Judgement,
  random: Random,
): void {
  const { outcome, usage } = judgement;
  row.judged++;
  row.outcomes[outcome] = (row.outcomes[outcome] ?? 0) + 1;
  row.inFlightMs += judgement.inFlightMs;
  if (judgement.spared) row.spared++;
  countPlaces(row, judged, judgement);
  const { estimatedTokens } = judged;
  if (isBad(outcome) && row.failed.length < FAILED_PER_ROW) {
    row.failed.push({ outcome, estimatedTokens });
  }
  addLatencies(row, judged, judgement);
  const ending = outcome === "ok" ? judgement.ending : null;
  if (ending !== null) row.endings[ending] = (row.endings[ending] ?? 0) + 1;
  if (outcome !== "ok" || usage === null) return;
  addUsage(row, judged.bucket, usage);
  addSample(row, judgement, { ...usage, estimatedTokens }, random);
}

function countPlaces(row: EvidenceRow, { bucket, slices }: Judged, judgement: Judgement): void {
  if (bucket !== null) countInBucket(row, bucket, judgement);
  if (isBad(judgement.outcome)) {
    for (const { dimension, value } of slices) addSlice(row.slices, dimension, value, FAILED);
  }
  if (judgement.replica !== null) countAtReplica(row, judgement.replica, judgement);
}

/** Every ok request with usage has the same chance to be in the row's sample. */
function addSample(
  row: EvidenceRow,
  { ttftMs, totalMs, replica, inFlight }: Judgement,
  usage: Usage & Pick<Judged, "estimatedTokens">,
  random: Random,
): void {
  if (totalMs === null || replica === null) return;
  const place =
    row.samples.length < SAMPLES_PER_ROW
      ? row.samples.length
      : Math.floor(random.next() * (row.outcomes.ok ?? 1));
  if (place >= SAMPLES_PER_ROW) return;
  row.samples[place] = { ...usage, ttftMs: ttftMs ?? totalMs, totalMs, inFlight, replica };
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

/** Null for a good answer. What counts against nobody is told, so that it can be left out of what its user sent. */
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

function addLatencies(row: EvidenceRow, judged: Judged, judgement: Judgement): void {
  const { streamed } = judged;
  const { outcome, totalMs, ttftMs, tpotMs, overheadMs } = judgement;
  const { latency } = row;
  const isSlow = outcome === "timeout" || outcome === "overdue";
  if (outcome !== "ok" && !isSlow) return;
  // What is slow took longer than can be told: over every limit. What was seen of it still counts as seen.
  const whose = { bucket: judged.bucket, replica: judgement.replica };
  const pace = (time: LatencyTime, valueMs: number | null): void => {
    add(latency[time], valueMs, isSlow);
    if (valueMs !== null) countPace(row, time, octaveOf(valueMs), whose);
    else if (isSlow) countPace(row, time, NEVER, whose);
  };
  pace("total", isSlow ? null : totalMs);
  add(latency.overhead, overheadMs, false);
  const { usage } = judgement;
  if (outcome === "ok" && usage !== null && usage.outputTokens > 0) {
    const place = lengthClassOf(usage.outputTokens);
    addInClass(row.lengths.total, place, totalMs);
    if (streamed) addInClass(row.lengths.tpot, place, tpotMs);
  }
  if (!streamed) return;
  pace("ttft", ttftMs);
  pace("tpot", isSlow ? null : tpotMs);
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
