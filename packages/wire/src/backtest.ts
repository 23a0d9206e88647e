// Recorded rollouts under another policy, as it is asked for and as it is answered.

import {
  type BacktestReport,
  type BacktestSummary,
  type CourseEnd,
  type Fork,
  type HarmReport,
  PHASES,
  type Policy,
  type Spread,
  type Step,
} from "@slipway/core";
import { z } from "zod";
import { becauseSchema } from "./because.ts";
import { policySchema } from "./policy.ts";
import { moveSchema } from "./views.ts";

const POLICIES_MAX = 500;

export type BacktestRequest = {
  /** Rollouts of a model are tried under its policy; of others under the one without a model, where there is one. */
  readonly policies: readonly { readonly model: string | null; readonly policy: Policy }[];
  /** This one alone; the newest ones where absent. */
  readonly rolloutId?: string;
  /** Of this model alone. */
  readonly model?: string;
};

export const backtestRequestSchema: z.ZodType<BacktestRequest> = z.object({
  policies: z
    .array(z.object({ model: z.string().max(200).nullable(), policy: policySchema }))
    .min(1)
    .max(POLICIES_MAX),
  rolloutId: z.string().max(100).exactOptional(),
  model: z.string().max(200).exactOptional(),
});

export type BacktestView = {
  /** The newest first. */
  readonly reports: readonly BacktestReport[];
  readonly summary: BacktestSummary;
  /** Rollouts that were left out, and why. */
  readonly skipped: readonly { readonly rolloutId: string; readonly why: string }[];
};

const count = z.number().int().nonnegative();
const sentences = z.array(z.string());

const stepSchema: z.ZodType<Step> = z.object({
  atMs: z.number(),
  move: moveSchema,
  percent: z.number(),
  because: becauseSchema,
  by: z.string().nullable(),
});

const courseEndSchema: z.ZodType<CourseEnd> = z.object({
  outcome: z.enum(["completed", "rolled-back", "under-way"]),
  phase: z.enum(PHASES),
  atMs: z.number(),
  percent: z.number(),
  steps: z.array(stepSchema),
});

const forkSchema: z.ZodType<Fork> = z.object({
  atMs: z.number(),
  recorded: z.object({ did: z.string(), because: becauseSchema.nullable() }),
  tried: z.object({ did: z.string(), because: becauseSchema }),
});

const harmSchema: z.ZodType<HarmReport> = z.object({
  requests: count,
  bad: count,
  spared: count,
  unknown: count,
  users: count,
});

const reportSchema: z.ZodType<BacktestReport> = z.object({
  rolloutId: z.string(),
  model: z.string(),
  from: z.string(),
  to: z.string(),
  startedAtMs: z.number(),
  isOwn: z.boolean(),
  same: count,
  real: courseEndSchema,
  tried: courseEndSchema,
  fork: forkSchema.nullable(),
  harm: z.object({ real: harmSchema, tried: harmSchema }),
  unknown: sentences,
});

const spreadSchema: z.ZodType<Spread> = z.object({
  n: count,
  medianMs: z.number(),
  minMs: z.number(),
  maxMs: z.number(),
});

const both = z.object({ real: count, tried: count });

const summarySchema: z.ZodType<BacktestSummary> = z.object({
  rollouts: count,
  alike: count,
  completed: z.object({
    n: count,
    rolledBack: count,
    notDone: count,
    delay: spreadSchema.nullable(),
  }),
  rolledBack: z.object({ n: count, missed: count, delay: spreadSchema.nullable() }),
  requests: both,
  bad: both,
});

export const backtestViewSchema: z.ZodType<BacktestView> = z.object({
  reports: z.array(reportSchema),
  summary: summarySchema,
  skipped: z.array(z.object({ rolloutId: z.string(), why: z.string() })),
});
