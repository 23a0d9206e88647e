// What a client sends to POST /v1/feedback about an answer it got, and how feedback travels in rows and views.

import {
  type Feedback,
  type Heard,
  KEY_BUCKETS,
  type Rating,
  SCORE_PREFIX,
  TALLIES_MAX,
  WORDS_MAX,
} from "@slipway/core";
import { z } from "zod";
import { histogramSchema } from "./histogram.ts";

/** In the notation of the APIs that a gateway serves. At least one field besides `request_id` says something. */
export type FeedbackBody = {
  /** The `x-slipway-request-id` of the answer. */
  readonly request_id: string;
  /** Whether the user took the answer: a completion that was kept, an edit that was applied. */
  readonly accepted?: boolean;
  /** A thumb, or stars from 1 to 5. */
  readonly rating?: "up" | "down" | number;
  /** A word or two, the same for the same thing: they are counted, not read. */
  readonly reason?: string;
  readonly client?: {
    readonly memory_bytes?: number;
    /** Since its last report. */
    readonly crashes?: number;
    readonly version?: string;
    readonly ui_latency_p95_ms?: number;
  };
  /** What was scored in this answer, by name: so many of something, of which some are bad. */
  readonly scores?: { readonly [score: string]: { readonly n: number; readonly bad: number } };
};

const WORD_LENGTH_MAX = 64;
const CRASHES_MAX = 1_000;
const SCORED_MAX = 1_000;
const SCORE_PATTERN = /^[a-z0-9][a-z0-9._-]{0,63}$/;
const size = z.number().nonnegative().max(Number.MAX_SAFE_INTEGER);

export const feedbackBodySchema: z.ZodType<FeedbackBody> = z
  .object({
    request_id: z.string().min(1),
    accepted: z.boolean().exactOptional(),
    rating: z.union([z.enum(["up", "down"]), z.number().int().min(1).max(5)]).exactOptional(),
    reason: z.string().min(1).max(WORD_LENGTH_MAX).exactOptional(),
    client: z
      .object({
        memory_bytes: size.exactOptional(),
        crashes: z.number().int().nonnegative().max(CRASHES_MAX).exactOptional(),
        version: z.string().min(1).max(WORD_LENGTH_MAX).exactOptional(),
        ui_latency_p95_ms: size.exactOptional(),
      })
      .exactOptional(),
    scores: z
      .record(
        z.string().regex(SCORE_PATTERN),
        z
          .object({
            n: z.number().int().positive().max(SCORED_MAX),
            bad: z.number().int().nonnegative(),
          })
          .refine(({ n, bad }) => bad <= n, { message: "no more can be bad than there are" }),
      )
      .refine((scores) => Object.keys(scores).length <= WORDS_MAX, {
        message: `at most ${WORDS_MAX} scores`,
      })
      .exactOptional(),
  })
  .refine(
    ({ accepted, rating, reason, client, scores }) =>
      [accepted, rating, reason, client, scores].some(isSaid),
    { message: "it says nothing: give accepted, rating, reason, client or scores" },
  );

function isSaid(value: unknown): boolean {
  return value !== undefined;
}

/** Stars: four and five are up, one and two are down. */
function ratingOf(rating: FeedbackBody["rating"]): Rating | null {
  if (rating === undefined) return null;
  if (typeof rating === "string") return rating;
  if (rating >= 4) return "up";
  return rating <= 2 ? "down" : "neutral";
}

const WORD = /^[a-z0-9][\w .+:/-]*$/;

/** What is counted by its name has a plain one. */
function wordOf(text: string): string {
  const word = text.trim().toLowerCase();
  return WORD.test(word) ? word : "other";
}

export function heardOf({ accepted, rating, reason, client, scores }: FeedbackBody): Heard {
  return {
    accepted: accepted ?? null,
    rating: ratingOf(rating),
    reason: reason === undefined ? null : wordOf(reason),
    scores: scores ?? {},
    health:
      client === undefined
        ? null
        : {
            memoryBytes: client.memory_bytes ?? null,
            crashes: client.crashes ?? null,
            version: client.version === undefined ? null : wordOf(client.version),
            uiP95Ms: client.ui_latency_p95_ms ?? null,
          },
  };
}

const count = z.number().int().nonnegative();
const WORD_KINDS_MAX = WORDS_MAX + 1;

function words<T>(counts: z.ZodType<T>): z.ZodType<{ [word: string]: T }> {
  return z
    .record(z.string().max(WORD_LENGTH_MAX), counts)
    .refine((all) => Object.keys(all).length <= WORD_KINDS_MAX);
}

/** `0` to one less than there are buckets. */
export const bucketName: z.ZodType<string> = z
  .string()
  .refine((text) => /^\d{1,2}$/.test(text) && Number(text) < KEY_BUCKETS);

const counted = { n: count, bad: count };
const TALLY_NAME_LENGTH_MAX = SCORE_PREFIX.length + WORD_LENGTH_MAX;

export const feedbackSchema: z.ZodType<Feedback> = z.object({
  accepted: count,
  rejected: count,
  ratings: z.object({ up: count, neutral: count, down: count }),
  reasons: words(count),
  health: z.object({
    reports: count,
    crashes: count,
    memory: histogramSchema,
    uiP95: histogramSchema,
    versions: words(z.object({ reports: count, crashes: count })),
    memoryBy: z.record(bucketName, histogramSchema),
  }),
  tallies: z
    .record(
      z.string().max(TALLY_NAME_LENGTH_MAX),
      z.object({ ...counted, buckets: z.record(bucketName, z.object(counted)) }),
    )
    .refine((all) => Object.keys(all).length <= TALLIES_MAX + 1),
});
