// What to expect of a rollout before it begins, as it is asked for and as it is answered.

import type {
  Chances,
  LessonInForce,
  PlannedGuard,
  PlannedStage,
  RolloutPlan,
  SeenHarm,
} from "@slipway/core";
import { z } from "zod";
import { lessonsInForceSchema } from "./policy.ts";

/** Figures that are not given are taken from the model's last rollout. */
export type PlanRequest = {
  readonly to: string;
  readonly requestsPerMinute?: number;
  /** Share of requests that fail on the version that users have now. */
  readonly errorRate?: number;
  readonly latency?: {
    readonly total?: LatencyFigures;
    readonly ttft?: LatencyFigures;
    readonly tpot?: LatencyFigures;
  };
};

/** Milliseconds; the 99% lies above the half. */
export type LatencyFigures = { readonly p50Ms: number; readonly p99Ms: number };

const PER_MINUTE_MAX = 1e9;
const LATENCY_MAX_MS = 1e8;

const latencyFiguresSchema: z.ZodType<LatencyFigures> = z
  .object({
    p50Ms: z.number().positive().max(LATENCY_MAX_MS),
    p99Ms: z.number().positive().max(LATENCY_MAX_MS),
  })
  .refine(({ p50Ms, p99Ms }) => p99Ms > p50Ms, { message: "the P99 must be above the P50" });

export const planRequestSchema: z.ZodType<PlanRequest> = z.object({
  to: z.string().min(1).max(200),
  requestsPerMinute: z.number().positive().max(PER_MINUTE_MAX).exactOptional(),
  errorRate: z.number().min(0).lt(1).exactOptional(),
  latency: z
    .object({
      total: latencyFiguresSchema.exactOptional(),
      ttft: latencyFiguresSchema.exactOptional(),
      tpot: latencyFiguresSchema.exactOptional(),
    })
    .exactOptional(),
});

export type PlanView = RolloutPlan & {
  /** What of earlier incidents it will start with; none where absent. */
  readonly lessons?: readonly LessonInForce[];
  readonly model: string;
  readonly from: string;
  readonly to: string;
  readonly source: {
    /** The evidence that figures were taken from; null where all were given. Times in milliseconds since the epoch. */
    readonly evidence: {
      readonly rolloutId: string;
      readonly version: string;
      readonly fromMs: number;
      readonly toMs: number;
      readonly requests: number;
    } | null;
    /** Figures that the request gave. */
    readonly given: readonly string[];
  };
};

const minutes = z.number().nonnegative().nullable();
const share = z.number().min(0).max(1);
const sentences = z.array(z.string());
const chancesSchema: z.ZodType<Chances> = z.object({ half: minutes, most: minutes });

const seenHarmSchema: z.ZodType<SeenHarm> = z.object({
  segment: z.string().nullable(),
  share,
  least: z.number().nullable(),
  byStageEnd: chancesSchema,
  examples: z.array(z.object({ ratio: z.number(), minutes: chancesSchema })),
});

const plannedBase = {
  guard: z.string(),
  metric: z.enum(["latency", "events", "memory", "score", "mean"]),
};

const plannedGuardSchema: z.ZodType<PlannedGuard> = z.discriminatedUnion("test", [
  z.object({
    ...plannedBase,
    test: z.literal("sequential"),
    seen: z.array(seenHarmSchema),
  }),
  z.object({ ...plannedBase, test: z.literal("unforeseen"), counts: z.string() }),
  z.object({
    ...plannedBase,
    test: z.literal("threshold"),
    fed: z.boolean(),
    falseBreak: share,
  }),
]);

const plannedStageSchema: z.ZodType<PlannedStage> = z.object({
  percent: z.number(),
  leastMinutes: minutes,
  minutes: chancesSchema,
  asks: share,
  guards: z.array(plannedGuardSchema),
});

export const planViewSchema: z.ZodType<PlanView> = z.object({
  model: z.string(),
  from: z.string(),
  to: z.string(),
  source: z.object({
    evidence: z
      .object({
        rolloutId: z.string(),
        version: z.string(),
        fromMs: z.number(),
        toMs: z.number(),
        requests: z.number().int().nonnegative(),
      })
      .nullable(),
    given: sentences,
  }),
  perMinute: z.number(),
  errorRate: share,
  stages: z.array(plannedStageSchema),
  allUsersMinutes: chancesSchema,
  completedMinutes: chancesSchema,
  feedbackWait: z
    .object({
      guards: z.array(z.string()),
      stageMinutes: z.number().nonnegative(),
      allUsersMinutes: chancesSchema,
      completedMinutes: chancesSchema,
    })
    .nullable(),
  warnings: sentences,
  assumed: sentences,
  unseen: sentences,
  lessons: lessonsInForceSchema.exactOptional(),
});
