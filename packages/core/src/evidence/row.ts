// A row of evidence: what one gateway worker saw of one rollout, in one tick, for one arm and segment.
// Rows are sums, so they merge in any order; a request counts in the row of the tick it arrived in.

import type { Distinct } from "../distinct.ts";
import { mergeDistinctInto } from "../distinct.ts";
import { emptyHistogram, type Histogram, mergeHistogramsInto, mergeInto } from "../histogram.ts";
import { mergeSlicesInto, type Slices } from "../segment.ts";
import { type Feedback, plusFeedback } from "./feedback.ts";
import {
  addOctaves,
  addOctavesByBucket,
  type Octaves,
  type OctavesByBucket,
  type Pace,
} from "./pace.ts";

/** The arms that serve users. */
export type ServingArm = "stable" | "candidate";

/** How a request came to its arm. */
export const VIAS = ["split", "ring", "excluded", "kept"] as const;

/**
 * `split`: by its slot, or by chance where it has no key; only these tell what share the candidate gets. `ring`: on the
 * candidate as a member of a ring. `excluded`: on stable by exclusion. `kept`: on stable because its conversation
 * began there, though its slot is the candidate's by now.
 */
export type Via = (typeof VIAS)[number];

/** How a request ended. The first three count against nobody. */
export const OUTCOMES = [
  "ok",
  "cancelled",
  "client_error",
  "connect",
  "timeout",
  "server_error",
  "rate_limited",
  "incompatible",
  "truncated",
  "stream_error",
  "invalid",
  "overdue",
] as const;

/**
 * `ok`: the API's own terminal marker was seen. `cancelled`: the client left. `client_error`: a 4xx that stable
 * gives too. `connect`: no connection, or reset before an answer. `timeout`: no first byte, or a stall.
 * `server_error`: 5xx. `rate_limited`: 429. `incompatible`: a 4xx where stable succeeds. `truncated`: ended
 * without the marker. `stream_error`: an error event in a 200 stream. `invalid`: empty or not the API's form.
 * `overdue`: still open at the horizon.
 */
export type Outcome = (typeof OUTCOMES)[number];

const NEUTRAL: ReadonlySet<Outcome> = new Set(["ok", "cancelled", "client_error"]);

const BAD: ReadonlySet<string> = new Set(OUTCOMES.filter((outcome) => !NEUTRAL.has(outcome)));

export function isBad(outcome: Outcome): boolean {
  return !NEUTRAL.has(outcome);
}

/** What an answer that came whole turned out to be, as far as it can be read. */
export const ENDINGS = ["answered", "refused", "empty", "cut-off"] as const;

/**
 * `refused`: by the model or its filter. `empty`: no content, no call of a tool. `cut-off`: at a limit of output tokens.
 */
export type Ending = (typeof ENDINGS)[number];

/** What is counted by key bucket and by replica, where it happens: outcomes and endings, but the good ones. */
export const MISHAPS = [
  "cancelled",
  "client_error",
  "connect",
  "timeout",
  "server_error",
  "rate_limited",
  "incompatible",
  "truncated",
  "stream_error",
  "invalid",
  "overdue",
  "refused",
  "empty",
  "cut-off",
] as const;

export type Mishap = (typeof MISHAPS)[number];

export type Mishaps = { [M in Mishap]?: number };

/** Output lengths that are told apart, by their upper ends in tokens; a last class has what is longer. */
export const LENGTH_ENDS: readonly number[] = [64, 256, 1_024];
export const LENGTH_CLASSES: number = LENGTH_ENDS.length + 1;

/** The class of an answer of so many output tokens. */
export function lengthClassOf(outputTokens: number): number {
  const found = LENGTH_ENDS.findIndex((end) => outputTokens <= end);
  return found === -1 ? LENGTH_ENDS.length : found;
}

/** One request of the bounded sample that load models are fitted to. Times in milliseconds. */
export type Sample = {
  readonly inputTokens: number;
  /** Of the input, by the size of the request: what failures are compared by, since nobody counts theirs. */
  readonly estimatedTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
  readonly ttftMs: number;
  readonly totalMs: number;
  /** Requests in flight at this replica, from this worker, when the request was sent. */
  readonly inFlight: number;
  readonly replica: string;
};

export const SAMPLES_PER_ROW = 8;

/** One request that ended badly: the tokens of its input, as the gateway estimates them. */
export type FailedSample = { readonly outcome: Outcome; readonly estimatedTokens: number };

/** The first of a row: a tick is too short for the later ones to be others. */
export const FAILED_PER_ROW = 8;
export const KEY_BUCKETS = 20;

export type RowKey = {
  readonly rolloutId: string;
  /** Number of the table under which the requests were assigned. */
  readonly table: number;
  /** Floor of arrival time over tick length, on the controller's clock. */
  readonly tick: number;
  readonly arm: ServingArm;
  readonly via: Via;
  readonly segment: string;
};

/** Sums, and sums of products, of input (i), cached (c) and output (o) tokens; see `TOKENS_SQUARED_MAX`. */
export type Usages = {
  n: number;
  ii: number;
  ic: number;
  io: number;
  cc: number;
  co: number;
  oo: number;
};

/** More tokens than this count as so many in products: their sums stay whole numbers, and merge in any order. */
export const TOKENS_SQUARED_MAX: number = 2 ** 22;

export type Buckets = {
  arrivals: number[];
  bad: number[];
  mishaps: { [bucket: string]: Mishaps };
  tokens: { input: number[]; cached: number[]; output: number[] };
  pace: Pace<OctavesByBucket>;
};

export type ReplicaCounts = {
  arrivals: number;
  bad: number;
  /** Requests that say something about their version. */
  counted: number;
  /** Answers that could be read. */
  read: number;
  mishaps: Mishaps;
  pace: Pace<Octaves>;
};

export type EvidenceRow = RowKey & {
  arrivals: number;
  /** Requests with an outcome; the rest are open. */
  judged: number;
  outcomes: { [O in Outcome]?: number };
  /** Candidate failures that a replay to stable hid from the user. Counted within `outcomes` too. */
  spared: number;
  /** Arrivals that had no user key. */
  keyless: number;
  /** Arrivals that continued a conversation, by whether the worker knew where it had been before. */
  turns: { known: number; unknown: number };
  /** Milliseconds. `overhead` is the gateway's own share of the total. */
  latency: { total: Histogram; ttft: Histogram; tpot: Histogram; overhead: Histogram };
  tokens: { input: number; cached: number; output: number };
  /** Sums over answers with a usage, which means and their spread are told from. */
  usage: Usages;
  /** By class of output length, where that is known, in milliseconds. Of `latency`. */
  lengths: { total: Histogram[]; tpot: Histogram[] };
  /** Of answers that came whole and could be read. */
  endings: { [E in Ending]?: number };
  /** Sum over requests of their time in flight, in milliseconds. */
  inFlightMs: number;
  users: Distinct;
  /** Per key-hash bucket: arrivals, bad outcomes, each mishap where it happened, tokens, and how long answers took. */
  buckets: Buckets;
  /** Per upstream. */
  replicas: { [upstream: string]: ReplicaCounts };
  /** The dimensions beside the segment. */
  slices: Slices;
  samples: Sample[];
  failed: FailedSample[];
  /** What was heard in this tick about answers of earlier ones, and of this one; null for nothing. */
  feedback: Feedback | null;
};

export function emptyRow(key: RowKey): EvidenceRow {
  return {
    rolloutId: key.rolloutId,
    table: key.table,
    tick: key.tick,
    arm: key.arm,
    via: key.via,
    segment: key.segment,
    arrivals: 0,
    judged: 0,
    outcomes: {},
    spared: 0,
    keyless: 0,
    turns: { known: 0, unknown: 0 },
    latency: {
      total: emptyHistogram(),
      ttft: emptyHistogram(),
      tpot: emptyHistogram(),
      overhead: emptyHistogram(),
    },
    tokens: { input: 0, cached: 0, output: 0 },
    usage: { n: 0, ii: 0, ic: 0, io: 0, cc: 0, co: 0, oo: 0 },
    lengths: { total: [], tpot: [] },
    endings: {},
    inFlightMs: 0,
    users: [],
    buckets: {
      arrivals: new Array(KEY_BUCKETS).fill(0),
      bad: new Array(KEY_BUCKETS).fill(0),
      mishaps: {},
      tokens: { input: [], cached: [], output: [] },
      pace: { total: {}, ttft: {}, tpot: {} },
    },
    replicas: {},
    slices: {},
    samples: [],
    failed: [],
    feedback: null,
  };
}

const PACED = ["total", "ttft", "tpot"] as const;

/** The identity of a row as one string, for maps. */
export function rowKeyText(key: RowKey): string {
  return `${key.rolloutId}\n${key.table}\n${key.tick}\n${key.arm}\n${key.via}\n${key.segment}`;
}

/** Adds `source` to `target`; both have the same key. */
export function mergeRowInto(target: EvidenceRow, source: EvidenceRow): void {
  target.arrivals += source.arrivals;
  target.judged += source.judged;
  for (const outcome of OUTCOMES) {
    const count = source.outcomes[outcome];
    if (count !== undefined) target.outcomes[outcome] = (target.outcomes[outcome] ?? 0) + count;
  }
  target.spared += source.spared;
  target.keyless += source.keyless;
  target.turns.known += source.turns.known;
  target.turns.unknown += source.turns.unknown;
  mergeInto(target.latency.total, source.latency.total);
  mergeInto(target.latency.ttft, source.latency.ttft);
  mergeInto(target.latency.tpot, source.latency.tpot);
  mergeInto(target.latency.overhead, source.latency.overhead);
  target.tokens.input += source.tokens.input;
  target.tokens.cached += source.tokens.cached;
  target.tokens.output += source.tokens.output;
  addUsages(target.usage, source.usage);
  mergeHistogramsInto(target.lengths.total, source.lengths.total);
  mergeHistogramsInto(target.lengths.tpot, source.lengths.tpot);
  for (const ending of ENDINGS) {
    const count = source.endings[ending];
    if (count !== undefined) target.endings[ending] = (target.endings[ending] ?? 0) + count;
  }
  target.inFlightMs += source.inFlightMs;
  mergeDistinctInto(target.users, source.users);
  mergeBucketsInto(target.buckets, source.buckets);
  for (const [upstream, counts] of Object.entries(source.replicas)) {
    const sum = target.replicas[upstream] ?? emptyReplica();
    sum.arrivals += counts.arrivals;
    sum.bad += counts.bad;
    sum.counted += counts.counted;
    sum.read += counts.read;
    addMishaps(sum.mishaps, counts.mishaps);
    for (const time of PACED) addOctaves(sum.pace[time], counts.pace[time]);
    target.replicas[upstream] = sum;
  }
  mergeSlicesInto(target.slices, source.slices);
  target.feedback = plusFeedback(target.feedback, source.feedback);
  target.samples = target.samples.concat(source.samples).slice(0, SAMPLES_PER_ROW);
  target.failed = target.failed.concat(source.failed).slice(0, FAILED_PER_ROW);
}

export function emptyReplica(): ReplicaCounts {
  const pace = { total: {}, ttft: {}, tpot: {} };
  return { arrivals: 0, bad: 0, counted: 0, read: 0, mishaps: {}, pace };
}

function mergeBucketsInto(target: Buckets, source: Buckets): void {
  addArrays(target.arrivals, source.arrivals);
  addArrays(target.bad, source.bad);
  for (const kind of ["input", "cached", "output"] as const) {
    addArrays(target.tokens[kind], source.tokens[kind]);
  }
  for (const time of PACED) addOctavesByBucket(target.pace[time], source.pace[time]);
  for (const [bucket, mishaps] of Object.entries(source.mishaps)) {
    const sum = target.mishaps[bucket] ?? {};
    addMishaps(sum, mishaps);
    target.mishaps[bucket] = sum;
  }
}

function addMishaps(target: Mishaps, source: Mishaps): void {
  for (const [mishap, count] of Object.entries(source) as [Mishap, number][]) {
    target[mishap] = (target[mishap] ?? 0) + count;
  }
}

function addUsages(target: Usages, source: Usages): void {
  for (const key of ["n", "ii", "ic", "io", "cc", "co", "oo"] as const) target[key] += source[key];
}

function addArrays(target: number[], source: readonly number[]): void {
  source.forEach((count, index) => {
    target[index] = (target[index] ?? 0) + count;
  });
}

/**
 * Whether a row's requests are compared with the other arm's. Who was left out, or stayed for a conversation's sake, is
 * not like those who were not: such a baseline would hide what the candidate does, or invent it.
 */
export function isCompared({ via }: RowKey): boolean {
  return via === "split" || via === "ring";
}

/** How many of a row's judged requests ended badly. */
export function badOf({ outcomes }: EvidenceRow): number {
  let sum = 0;
  // Most rows have nothing but good answers: a few names are quicker to go through than all that there are.
  for (const outcome in outcomes) if (isNamedBad(outcome)) sum += outcomes[outcome] ?? 0;
  return sum;
}

function isNamedBad(name: string): name is Outcome {
  return BAD.has(name);
}

/** Requests that say something about their version: judged, and neither cancelled nor the client's own error. */
export function countedOf(row: EvidenceRow): number {
  return row.judged - (row.outcomes.cancelled ?? 0) - (row.outcomes.client_error ?? 0);
}
