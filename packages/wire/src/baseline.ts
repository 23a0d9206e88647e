// Baselines in the control API: both versions of the last rollout that completed side by side, the limits that are proposed,
// and those that a person has accepted.

import type {
  Baseline,
  BaselineFigure,
  BaselineLimit,
  BaselineRow,
  LimitEdits,
  ProposedRow,
  SideBySide,
} from "@slipway/core";
import { z } from "zod";
import { metricSchema } from "./policy.ts";

export type BaselineView = {
  readonly model: string;
  /** Of the newest rollout that completed; null where there is none, or its evidence is gone. */
  readonly proposed: SideBySide | null;
  /** What the next rollout is judged by; null while nobody has accepted any. */
  readonly inForce: Baseline | null;
  /** Those before it, the newest first. */
  readonly earlier: readonly Baseline[];
};

/** `rolloutId`: to take what that one measured; null to edit the limits in force. `limits`: by name; null for none. */
export type BaselineChange = {
  readonly rolloutId: string | null;
  readonly limits: LimitEdits;
  readonly by: string;
  readonly reason: string;
};

/** Kept with a model; the oldest go first. */
export const BASELINES_MAX = 50;
const LIMITS_MAX = 50;

const figureSchema: z.ZodType<BaselineFigure> = z.object({
  n: z.number(),
  value: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
});

const limited = {
  name: z.string(),
  metric: metricSchema,
  unit: z.enum(["ms", "share", "tokens", "dollars"]),
};
const row = { ...limited, old: figureSchema, new: figureSchema };
const rowSchema: z.ZodType<BaselineRow> = z.object(row);
const proposedRowSchema: z.ZodType<ProposedRow> = z.object({
  ...row,
  limit: z.number().nullable(),
});
const limitSchema: z.ZodType<BaselineLimit> = z.object({ ...limited, max: z.number() });

export const sideBySideSchema: z.ZodType<SideBySide> = z.object({
  rolloutId: z.string(),
  from: z.string(),
  to: z.string(),
  fromMs: z.number(),
  toMs: z.number(),
  isConcurrent: z.boolean(),
  rows: z.array(proposedRowSchema),
});

export const baselineSchema: z.ZodType<Baseline> = z.object({
  rolloutId: z.string(),
  version: z.string(),
  atMs: z.number(),
  by: z.string(),
  reason: z.string(),
  measured: z.array(rowSchema),
  limits: z.array(limitSchema),
});

export const baselineViewSchema: z.ZodType<BaselineView> = z.object({
  model: z.string(),
  proposed: sideBySideSchema.nullable(),
  inForce: baselineSchema.nullable(),
  earlier: z.array(baselineSchema),
});

export const baselineChangeSchema: z.ZodType<BaselineChange> = z.object({
  rolloutId: z.string().min(1).max(200).nullable(),
  limits: z
    .record(z.string().max(100), z.number().gt(0).nullable())
    .refine((limits) => Object.keys(limits).length <= LIMITS_MAX, {
      message: `at most ${LIMITS_MAX} limits`,
    }),
  by: z.string().min(1).max(200),
  reason: z.string().min(1).max(2_000),
});
