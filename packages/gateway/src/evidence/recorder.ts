// Turns requests into rows of evidence: an arrival when it is assigned, an outcome when it is judged. A request
// is judged once, in the tick it arrived in.

import {
  addDistinct,
  addHeard,
  addSlice,
  emptyFeedback,
  type Heard,
  KEY_BUCKETS,
  murmur3,
  OTHER_SEGMENT,
  type Random,
  type RowKey,
  rowKeyText,
  SEGMENTS_MAX,
  type ServingArm,
  type Via,
} from "@slipway/core";
import type { Answered } from "../feedback/answer-id.ts";
import { ownText } from "../own-text.ts";
import type { Slice } from "../segment/segments-of.ts";
import type { ControllerTime } from "./controller-time.ts";
import { countJudgement, type Judgement } from "./count-judgement.ts";
import type { Observed, Turn } from "./observed.ts";
import type { Spool } from "./spool.ts";

/** Another seed than assignment's: the buckets must cut across the arms. */
const BUCKET_SEED = 0xb0c4e7;

/** Rollouts whose segments are remembered. */
const ROLLOUTS_MAX = 16;
const ARRIVED = { arrivals: 1, bad: 0 } as const;

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
  readonly estimatedTokens: number;
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
    const { estimatedTokens, horizonMs, slices, streamed } = arrival;
    for (const { dimension, value } of slices) addSlice(row.slices, dimension, value, ARRIVED);
    return {
      ...{ key, name, bucket, arrivedMs, horizonMs, streamed, estimatedTokens, slices },
      judged: false,
    };
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
    countJudgement(row, observed, judgement, this.#random);
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
