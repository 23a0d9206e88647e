// Mirroring in the control API: what an operator asks for, and what is shown of it.

import { INELIGIBLE, MIRROR_DROPS, OUTCOMES, type Outcome } from "@slipway/core";
import { z } from "zod";

const COPIES_MAX = 100;
const FOR_MS_MAX = 31 * 86_400_000;

export type MirrorRequest = {
  readonly to: string;
  readonly share: number;
  /** 1 where absent. */
  readonly copies?: number;
  /** Share of the copied requests that stable gets once more; 0 where absent. */
  readonly again?: number;
  /** 16 where absent. */
  readonly inFlightMax?: number;
  readonly perMinuteMax?: number;
  /** False where absent. */
  readonly keep?: boolean;
  /** It ends by itself after so long; once somebody stops it where absent. */
  readonly forMs?: number;
  /** Starts although a rollout of another model uses a pool of that version. False where absent. */
  readonly sharePools?: boolean;
  readonly by: string;
  readonly reason: string;
};

const name = z.string().min(1).max(200);
const reason = z.string().max(2_000);

export const mirrorRequestSchema: z.ZodType<MirrorRequest> = z.object({
  to: name,
  share: z.number().gt(0).max(1),
  copies: z.number().gt(0).max(COPIES_MAX).exactOptional(),
  again: z.number().min(0).max(1).exactOptional(),
  inFlightMax: z.number().int().positive().max(10_000).exactOptional(),
  perMinuteMax: z.number().positive().max(1_000_000).exactOptional(),
  keep: z.boolean().exactOptional(),
  forMs: z.number().positive().max(FOR_MS_MAX).exactOptional(),
  sharePools: z.boolean().exactOptional(),
  by: name,
  reason,
});

export type MirrorStop = { readonly by: string; readonly reason: string };

export const mirrorStopSchema: z.ZodType<MirrorStop> = z.object({ by: name, reason });

/** One side of the same requests. Times in milliseconds; null for no data. */
export type MirrorSideView = {
  /** Answers that were judged. */
  readonly judged: number;
  readonly bad: number;
  readonly outcomes: { readonly [O in Outcome]?: number };
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  /** Where the true one lies, but for a chance of 5% at each end; `highMs` is null where too few answers bound it. */
  readonly p99Bounds: { readonly lowMs: number; readonly highMs: number | null } | null;
  readonly ttftP50Ms: number | null;
  readonly ttftP99Ms: number | null;
  readonly inputTokens: number;
  readonly outputTokens: number;
};

/** The mirror of a model, or its last one. Times of day in milliseconds since the epoch. */
export type MirrorView = {
  readonly id: string;
  readonly model: string;
  readonly to: string;
  readonly share: number;
  readonly copies: number;
  readonly again: number;
  readonly inFlightMax: number;
  readonly perMinuteMax: number | null;
  readonly keep: boolean;
  readonly startedAtMs: number;
  /** When it ends by itself; null for when somebody stops it. */
  readonly endsAtMs: number | null;
  readonly startedBy: string;
  readonly reason: string;
  /** Null while it is under way. */
  readonly stopped: { readonly atMs: number; readonly by: string; readonly reason: string } | null;
  readonly coverage: {
    readonly requests: number;
    readonly eligible: number;
    readonly ineligible: { readonly [why: string]: number };
    readonly sampled: number;
    /** Copies. */
    readonly sent: number;
    readonly dropped: { readonly [why: string]: number };
  };
  readonly shadow: MirrorSideView;
  /** What users got for the requests of which a copy was sent. */
  readonly primary: MirrorSideView;
  /** What stable made of those that it was sent once more. */
  readonly stableAgain: MirrorSideView;
};

const count = z.number().int().nonnegative();
const ms = z.number().nullable();
const counts = (keys: readonly string[]): z.ZodType<{ readonly [key: string]: number }> =>
  z.object(Object.fromEntries(keys.map((key) => [key, count.exactOptional()]))) as z.ZodType<{
    readonly [key: string]: number;
  }>;

const sideSchema: z.ZodType<MirrorSideView> = z.object({
  judged: count,
  bad: count,
  outcomes: counts(OUTCOMES),
  p50Ms: ms,
  p99Ms: ms,
  p99Bounds: z.object({ lowMs: z.number(), highMs: ms }).nullable(),
  ttftP50Ms: ms,
  ttftP99Ms: ms,
  inputTokens: count,
  outputTokens: count,
});

export const mirrorViewSchema: z.ZodType<MirrorView> = z.object({
  id: z.string(),
  model: z.string(),
  to: z.string(),
  share: z.number(),
  copies: z.number(),
  again: z.number(),
  inFlightMax: count,
  perMinuteMax: z.number().nullable(),
  keep: z.boolean(),
  startedAtMs: z.number(),
  endsAtMs: z.number().nullable(),
  startedBy: z.string(),
  reason: z.string(),
  stopped: z.object({ atMs: z.number(), by: z.string(), reason: z.string() }).nullable(),
  coverage: z.object({
    requests: count,
    eligible: count,
    ineligible: counts(INELIGIBLE),
    sampled: count,
    sent: count,
    dropped: counts(MIRROR_DROPS),
  }),
  shadow: sideSchema,
  primary: sideSchema,
  stableAgain: sideSchema,
});
