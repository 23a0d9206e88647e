// The two shapes of the link between a gateway worker and a controller: a frame of evidence, and its
// acknowledgement, which is also what renews the worker's lease.

import {
  DISTINCT_REGISTERS,
  ENDINGS,
  type EvidenceRow,
  FAILED_PER_ROW,
  INELIGIBLE,
  KEY_BUCKETS,
  LENGTH_CLASSES,
  MARK_END,
  MIRROR_DROPS,
  MISHAPS,
  type MirrorRow,
  type MirrorSide,
  type Mishaps,
  OUTCOMES,
  type Pace,
  registerOf,
  SAMPLES_PER_ROW,
  type ToldLimit,
  type Trip,
  type TripReport,
  VIAS,
} from "@slipway/core";
import { z } from "zod";
import { bucketName, feedbackSchema } from "./feedback.ts";
import { histogramSchema } from "./histogram.ts";
import { slicesSchema } from "./segment.ts";

/** One incarnation of one gateway worker: a new process is a new member. */
export type Member = {
  /** Random, made at the worker's start. */
  readonly incarnation: string;
  /** For people: host or gateway name, and the worker's number. */
  readonly gateway: string;
  readonly worker: number;
};

export type Frame = {
  readonly member: Member;
  /** 1, 2, 3, … per incarnation. A retry is the same frame; one that a controller refused comes again without its rows. */
  readonly sequence: number;
  /** Everything judged before this controller time (milliseconds since the epoch) is in this frame or an earlier one. */
  readonly asOfMs: number;
  /** This worker assigns no later request by a table below this number; null before its first table. */
  readonly confirmedTable: number | null;
  readonly storeId: string | null;
  /** Candidate requests still running, per rollout. */
  readonly candidateInFlight: { readonly [rolloutId: string]: number };
  /** Controller time at which the last candidate request of a rollout ended. */
  readonly candidateEndedAtMs: { readonly [rolloutId: string]: number };
  /** Models that an operator diverted to stable on this gateway. */
  readonly diverted: readonly string[];
  /** The rollouts of its table whose candidate this worker left by itself; in every frame while that is so. */
  readonly tripped: readonly TripReport[];
  /** What providers say that pools may have; absent from workers that do not tell. */
  readonly told?: readonly ToldLimit[];
  /** Rows thrown away because the spool was full, since the last frame. */
  readonly rowsDropped: number;
  /** What happened since the last frame: rows are added to those already stored. */
  readonly rows: readonly EvidenceRow[];
  /** The worker says goodbye: it serves nothing any more, and this is its last frame. */
  readonly goodbye: boolean;
  /** What happened to mirrored requests since the last frame: added to what is stored. */
  readonly mirrored: readonly MirrorRow[];
};

export type Acknowledgement = {
  /** Highest sequence of this incarnation that is stored, with all before it. */
  readonly sequence: number;
  /** Milliseconds that the lease lasts, counted from when the acknowledged frame was sent; 0 renews nothing. */
  readonly leaseMs: number;
  /** The controller's wall time when it answered, milliseconds since the epoch. */
  readonly nowMs: number;
  readonly storeId: string;
  /** The newest table. */
  readonly table: number;
  /** Live workers that the controller knows, this one included, and this one's place among them, from 0. */
  readonly members: number;
  readonly rank: number;
};

const count = z.number().int().nonnegative();

function countsOf<K extends string>(keys: readonly K[]): z.ZodType<{ [key in K]?: number }> {
  const shape = Object.fromEntries(keys.map((key) => [key, count.exactOptional()]));
  return z.object(shape) as unknown as z.ZodType<{ [key in K]?: number }>;
}

const perBucket = z.array(count).max(KEY_BUCKETS);
const mishaps: z.ZodType<Mishaps> = countsOf(MISHAPS);

const octaveName = z.string().regex(/^(-?\d{1,2}|never)$/);

function paceOf<T>(octaves: z.ZodType<T>): z.ZodType<Pace<T>> {
  return z.object({ total: octaves, ttft: octaves, tpot: octaves });
}

const outcomes: z.ZodType<EvidenceRow["outcomes"]> = countsOf(OUTCOMES);

const sample = z.object({
  inputTokens: count,
  estimatedTokens: count,
  cachedTokens: count,
  outputTokens: count,
  ttftMs: z.number(),
  totalMs: z.number(),
  inFlight: count,
  replica: z.string(),
});

/** As a `Distinct` is. */
const marks = z
  .array(count.max(MARK_END - 1))
  .max(DISTINCT_REGISTERS)
  .refine(
    (all) => all.every((one, at) => at === 0 || registerOf(one) > registerOf(all[at - 1] ?? 0)),
    {
      message: "marks of users come by register, each register once",
    },
  );

const failedSample = z.object({ outcome: z.enum(OUTCOMES), estimatedTokens: count });

export const evidenceRowSchema: z.ZodType<EvidenceRow> = z.object({
  rolloutId: z.string(),
  table: count,
  tick: count,
  arm: z.enum(["stable", "candidate"]),
  via: z.enum(VIAS),
  segment: z.string().max(200),
  arrivals: count,
  judged: count,
  outcomes,
  spared: count,
  keyless: count,
  turns: z.object({ known: count, unknown: count }),
  latency: z.object({
    total: histogramSchema,
    ttft: histogramSchema,
    tpot: histogramSchema,
    overhead: histogramSchema,
  }),
  tokens: z.object({ input: count, cached: count, output: count }),
  usage: z.object({
    n: count,
    ii: count,
    ic: count,
    io: count,
    cc: count,
    co: count,
    oo: count,
  }),
  lengths: z.object({
    total: z.array(histogramSchema).max(LENGTH_CLASSES),
    tpot: z.array(histogramSchema).max(LENGTH_CLASSES),
  }),
  endings: countsOf(ENDINGS),
  inFlightMs: z.number().nonnegative(),
  users: marks,
  buckets: z.object({
    arrivals: perBucket,
    bad: perBucket,
    mishaps: z.record(bucketName, mishaps),
    tokens: z.object({ input: perBucket, cached: perBucket, output: perBucket }),
    pace: paceOf(z.record(octaveName, perBucket)),
  }),
  replicas: z.record(
    z.string(),
    z.object({
      arrivals: count,
      bad: count,
      counted: count,
      read: count,
      mishaps,
      pace: paceOf(z.record(octaveName, count)),
    }),
  ),
  slices: slicesSchema,
  samples: z.array(sample).max(SAMPLES_PER_ROW),
  failed: z.array(failedSample).max(FAILED_PER_ROW),
  feedback: feedbackSchema.nullable(),
});

export const ROWS_PER_FRAME_MAX = 2_000;
/** One a model at most, and a few that have just ended. */
export const MIRRORS_PER_FRAME_MAX = 600;

const mirrorSide: z.ZodType<MirrorSide> = z.object({
  outcomes,
  latency: z.object({ total: histogramSchema, ttft: histogramSchema }),
  tokens: z.object({ input: count, cached: count, output: count }),
});

const mirrorRowSchema: z.ZodType<MirrorRow> = z.object({
  mirrorId: z.string(),
  requests: count,
  ineligible: countsOf(INELIGIBLE),
  sampled: count,
  sent: count,
  dropped: countsOf(MIRROR_DROPS),
  shadow: mirrorSide,
  primary: mirrorSide,
  again: mirrorSide,
});

/** One a model at most. */
const TRIPS_PER_FRAME_MAX = 500;

const tripReport = {
  table: count,
  limit: count,
  failures: count,
  successes: count,
  outcomes,
  stable: z.object({ failures: count, successes: count }),
};

const tripReportSchema: z.ZodType<TripReport> = z.object({ rolloutId: z.string(), ...tripReport });

/** A trip as the journal keeps it. */
export const tripSchema: z.ZodType<Trip> = z.object({
  rolloutId: z.string(),
  ...tripReport,
  worker: z.string(),
  incarnation: z.string(),
});

/** Pools with limits, of one worker. */
export const TOLD_PER_FRAME_MAX = 100;

const perMinute = z.number().nonnegative().nullable();
const toldLimitSchema: z.ZodType<ToldLimit> = z.object({
  pool: z.string().min(1).max(200),
  requestsPerMinute: perMinute,
  tokensPerMinute: perMinute,
});

const memberSchema: z.ZodType<Member> = z.object({
  incarnation: z.string().min(8).max(64),
  gateway: z.string().min(1).max(200),
  worker: count,
});

export const frameSchema: z.ZodType<Frame> = z.object({
  member: memberSchema,
  sequence: z.number().int().positive(),
  asOfMs: z.number(),
  confirmedTable: count.nullable(),
  storeId: z.string().nullable(),
  candidateInFlight: z.record(z.string(), count),
  candidateEndedAtMs: z.record(z.string(), z.number()),
  diverted: z.array(z.string()),
  tripped: z.array(tripReportSchema).max(TRIPS_PER_FRAME_MAX),
  told: z.array(toldLimitSchema).max(TOLD_PER_FRAME_MAX).exactOptional(),
  rowsDropped: count,
  rows: z.array(evidenceRowSchema).max(ROWS_PER_FRAME_MAX),
  goodbye: z.boolean(),
  mirrored: z.array(mirrorRowSchema).max(MIRRORS_PER_FRAME_MAX),
});

export const acknowledgementSchema: z.ZodType<Acknowledgement> = z.object({
  sequence: count,
  leaseMs: z.number().nonnegative(),
  nowMs: z.number(),
  storeId: z.string(),
  table: count,
  members: z.number().int().positive(),
  rank: count,
});
