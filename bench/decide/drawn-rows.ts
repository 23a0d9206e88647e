// Rows of evidence as gateway workers report them, drawn from a made-up crowd: both arms, every segment, and all fields
// that a row has, so that what is measured has as much to add up as there is in service.
import {
  addDistinct,
  addSlice,
  type EvidenceRow,
  emptyHistogram,
  emptyReplica,
  emptyRow,
  type Histogram,
  KEY_BUCKETS,
  LENGTH_CLASSES,
  lengthClassOf,
  logNormal,
  type Outcome,
  type Random,
  record,
  SAMPLES_PER_ROW,
  type ServingArm,
} from "@slipway/core";

export type Traffic = {
  readonly segments: number;
  /** Of both arms and all segments, in a tick. */
  readonly requests: number;
  /** The candidate's part of them. */
  readonly share: number;
  readonly users: number;
};

type Place = { readonly rolloutId: string; readonly table: number; readonly tick: number };

const ARMS: readonly ServingArm[] = ["stable", "candidate"];
const ERROR_RATE = 0.01;
const REPLICAS = 4;
const CLIENTS = 6;
const TTFT_MS = 300;
const TPOT_MS = 25;
const OUTPUT_TOKENS = 120;
const SIGMA = 0.6;

/** One tick's rows; those without a request are left out. */
export function drawnRows(traffic: Traffic, place: Place, random: Random): readonly EvidenceRow[] {
  const rows: EvidenceRow[] = [];
  for (const arm of ARMS) {
    const share = arm === "candidate" ? traffic.share : 1 - traffic.share;
    for (let segment = 0; segment < traffic.segments; segment++) {
      const requests = aboutSo((traffic.requests * share) / traffic.segments, random);
      if (requests === 0) continue;
      const row = emptyRow({ ...place, arm, via: "split", segment: `segment-${segment}` });
      for (let i = 0; i < requests; i++) addRequest(row, traffic.users, random);
      rows.push(row);
    }
  }
  return rows;
}

/** A whole number whose mean is this. */
function aboutSo(mean: number, random: Random): number {
  return Math.floor(mean + random.next());
}

/** One request, as a gateway adds it to its row. */
export function addRequest(row: EvidenceRow, users: number, random: Random): void {
  const isBad = random.next() < ERROR_RATE;
  const outcome: Outcome = isBad ? "server_error" : "ok";
  const bad = isBad ? 1 : 0;
  const user = Math.floor(random.next() * users);
  const bucket = user % KEY_BUCKETS;
  row.arrivals++;
  row.judged++;
  row.outcomes[outcome] = (row.outcomes[outcome] ?? 0) + 1;
  row.buckets.arrivals[bucket] = (row.buckets.arrivals[bucket] ?? 0) + 1;
  row.buckets.bad[bucket] = (row.buckets.bad[bucket] ?? 0) + bad;
  addDistinct(row.users, `${row.arm} ${user}`);
  addSlice(row.slices, "client", `client-${user % CLIENTS}`, { arrivals: 1, bad });
  const replica = `${row.arm}-${Math.floor(random.next() * REPLICAS)}`;
  const counts = row.replicas[replica] ?? emptyReplica();
  row.replicas[replica] = counts;
  counts.arrivals++;
  counts.counted++;
  counts.bad += bad;
  if (!isBad) {
    counts.read++;
    addAnswer(row, replica, random);
    return;
  }
  counts.mishaps.server_error = (counts.mishaps.server_error ?? 0) + 1;
  const mishaps = row.buckets.mishaps[bucket] ?? {};
  row.buckets.mishaps[bucket] = mishaps;
  mishaps.server_error = (mishaps.server_error ?? 0) + 1;
}

function addAnswer(row: EvidenceRow, replica: string, random: Random): void {
  const ttftMs = logNormal(random, TTFT_MS, SIGMA);
  const tpotMs = logNormal(random, TPOT_MS, SIGMA / 2);
  const outputTokens = Math.ceil(logNormal(random, OUTPUT_TOKENS, SIGMA));
  const totalMs = ttftMs + tpotMs * outputTokens;
  const inputTokens = outputTokens * 8;
  record(row.latency.total, totalMs);
  record(row.latency.ttft, ttftMs);
  record(row.latency.tpot, tpotMs);
  record(row.latency.overhead, logNormal(random, 1, SIGMA));
  const lengthClass = lengthClassOf(outputTokens);
  record(classed(row.lengths.total, lengthClass), totalMs);
  record(classed(row.lengths.tpot, lengthClass), tpotMs);
  row.endings.answered = (row.endings.answered ?? 0) + 1;
  row.usage.n++;
  row.usage.ii += inputTokens ** 2;
  row.usage.io += inputTokens * outputTokens;
  row.usage.oo += outputTokens ** 2;
  row.inFlightMs += totalMs;
  row.tokens.input += inputTokens;
  row.tokens.output += outputTokens;
  if (row.samples.length >= SAMPLES_PER_ROW) return;
  const [cachedTokens, inFlight] = [0, 8];
  row.samples.push({
    estimatedTokens: inputTokens,
    ...{ inputTokens, cachedTokens, outputTokens, ttftMs, totalMs, inFlight, replica },
  });
}

function classed(histograms: Histogram[], lengthClass: number): Histogram {
  while (histograms.length < LENGTH_CLASSES) histograms.push(emptyHistogram());
  return histograms[lengthClass] ?? emptyHistogram();
}
