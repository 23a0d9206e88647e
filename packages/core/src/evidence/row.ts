// A row of evidence: what one gateway worker saw of one rollout, in one tick, for one arm and segment.
// Rows are sums, so they merge in any order; a request counts in the row of the tick it arrived in.

import type { Distinct } from "../distinct.ts";
import { mergeDistinctInto } from "../distinct.ts";
import { emptyHistogram, type Histogram, mergeInto } from "../histogram.ts";
import { mergeSlicesInto, type Slices } from "../segment.ts";
import { type Feedback, plusFeedback } from "./feedback.ts";

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

export function isBad(outcome: Outcome): boolean {
  return !NEUTRAL.has(outcome);
}

/** One request of the bounded sample that load models are fitted to. Times in milliseconds. */
export type Sample = {
  readonly inputTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
  readonly ttftMs: number;
  readonly totalMs: number;
  /** Requests in flight at this replica, from this worker, when the request was sent. */
  readonly inFlight: number;
  readonly replica: string;
};

export const SAMPLES_PER_ROW = 8;
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
  /** Sum over requests of their time in flight, in milliseconds. */
  inFlightMs: number;
  users: Distinct;
  /** Per key-hash bucket: arrivals and bad outcomes. */
  buckets: { arrivals: number[]; bad: number[] };
  /** Per upstream: arrivals and bad outcomes. */
  replicas: { [upstream: string]: { arrivals: number; bad: number } };
  /** The dimensions beside the segment. */
  slices: Slices;
  samples: Sample[];
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
    inFlightMs: 0,
    users: {},
    buckets: { arrivals: new Array(KEY_BUCKETS).fill(0), bad: new Array(KEY_BUCKETS).fill(0) },
    replicas: {},
    slices: {},
    samples: [],
    feedback: null,
  };
}

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
  target.inFlightMs += source.inFlightMs;
  mergeDistinctInto(target.users, source.users);
  addArrays(target.buckets.arrivals, source.buckets.arrivals);
  addArrays(target.buckets.bad, source.buckets.bad);
  for (const [upstream, counts] of Object.entries(source.replicas)) {
    const sum = target.replicas[upstream] ?? { arrivals: 0, bad: 0 };
    target.replicas[upstream] = {
      arrivals: sum.arrivals + counts.arrivals,
      bad: sum.bad + counts.bad,
    };
  }
  mergeSlicesInto(target.slices, source.slices);
  target.feedback = plusFeedback(target.feedback, source.feedback);
  target.samples = target.samples.concat(source.samples).slice(0, SAMPLES_PER_ROW);
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
export function badOf(row: EvidenceRow): number {
  return OUTCOMES.reduce((sum, o) => (isBad(o) ? sum + (row.outcomes[o] ?? 0) : sum), 0);
}

/** Requests that say something about their version: judged, and neither cancelled nor the client's own error. */
export function countedOf(row: EvidenceRow): number {
  return row.judged - (row.outcomes.cancelled ?? 0) - (row.outcomes.client_error ?? 0);
}
