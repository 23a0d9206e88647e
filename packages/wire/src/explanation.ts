// Why a rollout's decision was what it was, as the control API answers it.

import type {
  Because,
  Decision,
  GateAtStart,
  Grounds,
  GuardAction,
  LessonInForce,
  Phase,
  Representation,
  Requirement,
  SplitFinding,
  TrendVerdict,
  TwoArms,
  Verdict,
} from "@slipway/core";
import { z } from "zod";
import { becauseSchema } from "./because.ts";
import { lessonsInForceSchema } from "./policy.ts";
import { gateAtStartSchema } from "./preflight.ts";
import { representationSchema, splitFindingSchema, trendVerdictSchema } from "./trend.ts";
import { decisionSchema, phaseSchema, requirementSchema, verdictSchema } from "./views.ts";

/** A guard with what its verdict rests on; thresholds have no more than the verdict says. */
export type ExplainedGuard = {
  readonly action: GuardAction;
  readonly verdict: Verdict;
  readonly grounds: Grounds | null;
};

/** What the journal says of a decision, and whether it comes out the same when it is made again. */
export type RecordedDecision = {
  readonly sequence: number;
  readonly atMs: number;
  /** A move's kind, or `hold`. */
  readonly decided: string;
  readonly because: Because;
  /** Who, where it was an operator's. */
  readonly by: string | null;
  /** `same`, or how it differs. */
  readonly replayed: string;
};

/** Times in milliseconds since the epoch. */
export type Explanation = {
  readonly rolloutId: string;
  readonly model: string;
  readonly from: string;
  readonly to: string;
  readonly atMs: number;
  readonly phase: Phase;
  readonly stages: readonly number[];
  readonly evidence: {
    /** Last tick known then, and its end; -1 and null for none. */
    readonly watermark: number;
    readonly endMs: number | null;
    /** Members whose evidence is missing from the guards' windows. */
    readonly missing: readonly string[];
  };
  readonly decision: Decision;
  readonly requirements: readonly Requirement[];
  /** What it started with, of each gate that its model needed; none needed where absent. */
  readonly gates?: readonly GateAtStart[];
  readonly guards: readonly ExplainedGuard[];
  readonly trends: readonly TrendVerdict[];
  readonly split: SplitFinding | null;
  readonly representation: Representation | null;
  /** What of earlier incidents it started with; none where absent. */
  readonly lessons?: readonly LessonInForce[];
  /** The newest decision that the journal had by then; null before the first. */
  readonly recorded: RecordedDecision | null;
};

const count = z.number().int().nonnegative();
const arm = z.object({ n: count, bad: count });
const twoArms: z.ZodType<TwoArms> = z.object({ candidate: arm, stable: arm });

const groundsSchema: z.ZodType<Grounds> = z.object({
  ticks: count,
  counts: twoArms,
  edgesMs: z.array(z.number().nullable()),
  withoutReplica: z.record(z.string(), z.number()),
  temper: z.number(),
  proofTemper: z.number(),
  setApart: z.object({ bucket: count, share: z.number(), logE: z.number() }).nullable(),
  segments: z.array(
    z.object({ segment: z.string(), logE: z.number(), counts: twoArms, named: z.boolean() }),
  ),
});

export const explanationSchema: z.ZodType<Explanation> = z.object({
  rolloutId: z.string(),
  model: z.string(),
  from: z.string(),
  to: z.string(),
  atMs: z.number(),
  phase: phaseSchema,
  stages: z.array(z.number()),
  evidence: z.object({
    watermark: z.number().int(),
    endMs: z.number().nullable(),
    missing: z.array(z.string()),
  }),
  decision: decisionSchema,
  requirements: z.array(requirementSchema),
  gates: z.array(gateAtStartSchema).exactOptional(),
  guards: z.array(
    z.object({
      action: z.enum(["roll-back", "step-back", "block", "warn"]),
      verdict: verdictSchema,
      grounds: groundsSchema.nullable(),
    }),
  ),
  trends: z.array(trendVerdictSchema),
  split: splitFindingSchema.nullable(),
  representation: representationSchema.nullable(),
  lessons: lessonsInForceSchema.exactOptional(),
  recorded: z
    .object({
      sequence: count,
      atMs: z.number(),
      decided: z.string(),
      because: becauseSchema,
      by: z.string().nullable(),
      replayed: z.string(),
    })
    .nullable(),
});
