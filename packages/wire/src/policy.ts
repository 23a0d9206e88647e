// A policy as it travels: numbers in base units. slipway.yaml has a notation of its own, in ./config.

import {
  type BaselineInForce,
  EVENTS,
  type Guard,
  type LatencyMetric,
  type LessonInForce,
  MEANS,
  type Metric,
  OUTCOME_EVENTS,
  type Policy,
  type Stage,
  type Trend,
} from "@slipway/core";
import { z } from "zod";
import { answersPolicySchema } from "./answers.ts";
import { audienceSchema } from "./audience.ts";
import { dimensionsSchema } from "./segment.ts";

const STAGES_MAX = 50;
const GUARDS_MAX = 50;
export const APPROVALS_MAX = 10;
export const APPROVERS_MAX = 100;
export const TRENDS_MAX = 10;
export const LESSONS_MAX = 30;
const PRIORITY_VALUES_MAX = 20;
/** Every look goes through every tick of the longest window. */
export const WINDOW_TICKS_MAX = 360;

const durationMs = z.number().int().nonnegative();
const spanMs = z.number().int().positive();
const share = z.number().min(0).max(1);
const headerName = z.string().regex(/^[a-z0-9-]+$/, "a header's name, in lower case");

export const stageSchema: z.ZodType<Stage> = z.object({
  percent: z.number().gt(0).max(100),
  holdMs: durationMs,
  minRequests: z.number().int().nonnegative(),
  approval: z
    .object({
      needed: z.number().int().min(1).max(APPROVALS_MAX),
      by: z.array(z.string().min(1).max(200)).max(APPROVERS_MAX),
    })
    .exactOptional(),
});

const ratio = z.number().positive();

const latencyMetric: z.ZodType<LatencyMetric> = z.object({
  kind: z.literal("latency"),
  time: z.enum(["total", "ttft", "tpot"]),
  quantile: z.number().gt(0).lt(1),
  byLength: z.boolean(),
});

const name = z.string().min(1).max(100);
const price = z.number().nonnegative();
const prices = z.object({ input: price, cached: price, output: price });

export const metricSchema: z.ZodType<Metric> = z.union([
  latencyMetric,
  z.object({ kind: z.literal("events"), event: z.enum(EVENTS) }),
  z.object({ kind: z.literal("memory"), mibMax: z.number().positive() }),
  z.object({ kind: z.literal("score"), score: name }),
  z.object({
    kind: z.literal("mean"),
    of: z.enum(MEANS),
    prices: z.object({ stable: prices, candidate: prices }).nullable(),
  }),
]);

const againstRatio = z.object({
  kind: z.literal("ratio"),
  ratioMax: ratio,
  differenceMin: z.number().nonnegative(),
});
const againstDifference = z.object({ kind: z.literal("difference"), differenceMax: share });
const againstLimit = z.object({ kind: z.literal("limit"), max: z.number().positive() });

const guardBase = {
  id: name,
  action: z.enum(["roll-back", "step-back", "block", "warn"]),
  segment: name.nullable(),
  windowMs: spanMs,
  declared: z.literal(true).exactOptional(),
};

export const guardSchema: z.ZodType<Guard> = z.discriminatedUnion("test", [
  z.object({
    ...guardBase,
    test: z.literal("threshold"),
    metric: z.union([
      latencyMetric,
      z.object({ kind: z.literal("events"), event: z.enum(OUTCOME_EVENTS) }),
    ]),
    comparison: z.discriminatedUnion("kind", [againstRatio, againstDifference, againstLimit]),
    minRequests: z.number().int().positive(),
  }),
  z.object({
    ...guardBase,
    test: z.literal("sequential"),
    metric: metricSchema,
    comparison: z.discriminatedUnion("kind", [againstRatio, againstLimit]),
    weight: z.number().positive(),
  }),
]);

const trendBase = { id: guardBase.id, action: guardBase.action, uptimeMs: spanMs };

const trendSchema: z.ZodType<Trend> = z.discriminatedUnion("metric", [
  z.object({
    ...trendBase,
    metric: z.literal("client-memory"),
    limitMiB: z.number().gt(0),
  }),
  z.object({
    ...trendBase,
    metric: z.enum(["latency", "ttft"]),
    ratioMax: z.number().gt(1),
  }),
]);

export const lessonsInForceSchema: z.ZodType<readonly LessonInForce[]> = z
  .array(z.object({ id: z.string(), what: z.string(), owner: z.string(), reason: z.string() }))
  .max(LESSONS_MAX);

export const baselineInForceSchema: z.ZodType<BaselineInForce> = z.object({
  rolloutId: z.string(),
  version: z.string(),
  atMs: z.number(),
  by: z.string(),
  reason: z.string(),
});

function grows(stages: readonly Stage[]): boolean {
  return stages.every(({ percent }, index) => percent > (stages[index - 1]?.percent ?? 0));
}

function bounded({ guards, evidence }: Policy): boolean {
  return guards.every(({ windowMs }) => windowMs <= evidence.tickMs * WINDOW_TICKS_MAX);
}

const fieldsSchema: z.ZodType<Policy> = z.object({
  mode: z.literal("observe").exactOptional(),
  stages: z
    .array(stageSchema)
    .max(STAGES_MAX)
    .refine(grows, { message: "every stage must have more users than the one before" }),
  stageLimitMs: spanMs,
  falseAlarmMax: z.number().gt(0).lt(1),
  holdbackPercent: z.number().gt(0).max(50).exactOptional(),
  bakeMs: durationMs,
  warmMs: durationMs,
  guards: z
    .array(guardSchema)
    .max(GUARDS_MAX)
    .refine((guards) => new Set(guards.map(({ id }) => id)).size === guards.length, {
      message: "two guards have the same id",
    }),
  forecast: z.object({
    enabled: z.boolean(),
    unknown: z.enum(["ask", "ask-at-risk", "proceed"]),
  }),
  shareTolerance: z.number().nonnegative(),
  trends: z
    .array(trendSchema)
    .max(TRENDS_MAX)
    .refine((trends) => new Set(trends.map(({ id }) => id)).size === trends.length, {
      message: "two trends have the same id",
    }),
  representative: z.enum(["hold", "warn"]),
  keys: z.object({
    header: headerName.nullable(),
    apiKeyIsUser: z.boolean(),
    withoutKey: z.enum(["stable", "per-request"]),
  }),
  audience: audienceSchema,
  evidence: z.object({
    tickMs: z.number().int().min(50).max(3_600_000),
    horizonMs: spanMs,
    segments: dimensionsSchema,
  }),
  replay: z.object({ enabled: z.boolean(), budget: share }),
  onRollback: z.literal("cut").exactOptional(),
  trip: z.object({ enabled: z.boolean(), failures: z.number().int().positive() }),
  answers: answersPolicySchema,
  lease: z.object({
    durationMs: spanMs,
    onLapse: z.enum(["stable", "keep"]),
  }),
  priority: z.object({
    header: headerName.nullable(),
    background: z.array(z.string().min(1).max(100)).max(PRIORITY_VALUES_MAX),
    otherwise: z.enum(["interactive", "background"]),
  }),
  deadlineMs: spanMs,
  lessons: lessonsInForceSchema.exactOptional(),
  baseline: baselineInForceSchema.exactOptional(),
});

function leavesStages({ stages, holdbackPercent = 0 }: Policy): boolean {
  return stages.every(({ percent }) => percent === 100 || percent < 100 - holdbackPercent);
}

export const policySchema: z.ZodType<Policy> = fieldsSchema
  .refine(bounded, { message: `a guard's window has at most ${WINDOW_TICKS_MAX} ticks` })
  .refine(leavesStages, {
    message: "a stage below 100% has fewer users than those who are not held back",
    path: ["holdbackPercent"],
  });
