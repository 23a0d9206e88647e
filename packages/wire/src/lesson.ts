// Lessons in the control API: what an incident teaches with its backtest, what a model has accepted, and what that has caught.

import type {
  CaseLine,
  Catch,
  Checklist,
  ChecklistItem,
  Dora,
  Lesson,
  LessonBacktest,
  LessonChange,
  LessonProposal,
  Quantiles,
  Sooner,
} from "@slipway/core";
import { CASES_MAX, DRILL_FAULTS, GATES } from "@slipway/core";
import { z } from "zod";
import { guardSchema, stageSchema } from "./policy.ts";

/** What an incident teaches, and what that would have done. */
export type LessonView = LessonProposal & {
  readonly id: string;
  readonly model: string;
  readonly backtest: LessonBacktest | null;
  /** Why there is no backtest; null where there is. */
  readonly untried: string | null;
};

export type LessonAccept = {
  /** The proposal's name. */
  readonly lesson: string;
  readonly owner: string;
  readonly reason: string;
  /** Those that people write for it, where it takes some. */
  readonly cases?: readonly CaseLine[];
};

export type LessonDrop = { readonly lesson: string; readonly by: string; readonly reason: string };

const word = z.string().min(1).max(200);
const reason = z.string().min(1).max(2_000);
const count = z.number().int().nonnegative();

/** What JSON.parse made of a text is JSON; z.json() says so too, and has no place in an OpenAPI document. */
const caseLine = z.record(z.string(), z.unknown()) as z.ZodType<CaseLine>;
const cases = z.array(caseLine).max(CASES_MAX);

export const lessonAcceptSchema: z.ZodType<LessonAccept> = z.object({
  lesson: word,
  owner: word,
  reason,
  cases: cases.exactOptional(),
});

export const lessonDropSchema: z.ZodType<LessonDrop> = z.object({ lesson: word, by: word, reason });

const casesFields = {
  inputTokens: z.number().int().positive().nullable(),
  template: caseLine,
  cases,
};

const changeSchema: z.ZodType<LessonChange> = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("guard"), guard: guardSchema }),
  z.object({ kind: z.literal("stage"), stage: stageSchema }),
  z.object({
    kind: z.literal("gate"),
    gate: z.enum(GATES),
    shareMin: z.number().min(0).max(1).exactOptional(),
  }),
  z.object({ kind: z.literal("prompt-case"), ...casesFields }),
  z.object({ kind: z.literal("benchmark-item"), ...casesFields }),
  z.object({
    kind: z.literal("drill"),
    fault: z.enum(DRILL_FAULTS),
    days: z.number().int().positive(),
  }),
]);

const soonerSchema: z.ZodType<Sooner> = z.object({
  ms: z.number(),
  leastMs: z.number(),
  mostMs: z.number(),
});

const spread = z.object({
  n: count,
  medianMs: z.number(),
  minMs: z.number(),
  maxMs: z.number(),
});

const backtestSchema: z.ZodType<LessonBacktest> = z.object({
  sooner: soonerSchema.nullable(),
  requests: z.object({ real: count, tried: count }),
  others: z.object({
    rollouts: count,
    completed: z.object({ n: count, rolledBack: count, notDone: count, delay: spread.nullable() }),
  }),
  text: z.string(),
  unknown: z.array(z.string()),
});

const proposal = { name: z.string(), what: z.string(), why: z.string(), change: changeSchema };

export const lessonViewSchema: z.ZodType<LessonView> = z.object({
  ...proposal,
  id: z.string(),
  model: z.string(),
  backtest: backtestSchema.nullable(),
  untried: z.string().nullable(),
});

export const lessonSchema: z.ZodType<Lesson> = z.object({
  ...proposal,
  id: z.string(),
  incidentId: z.string(),
  owner: z.string(),
  reason: z.string(),
  acceptedAtMs: z.number(),
  promised: soonerSchema.nullable(),
  dropped: z.object({ atMs: z.number(), by: z.string(), reason: z.string() }).nullable(),
  stopped: z
    .array(
      z.object({
        version: z.string(),
        fingerprint: z.string(),
        atMs: z.number(),
        text: z.string(),
      }),
    )
    .exactOptional(),
});

const catchSchema: z.ZodType<Catch> = z.object({
  rolloutId: z.string().nullable(),
  version: z.string(),
  atMs: z.number(),
  text: z.string(),
});

const itemSchema: z.ZodType<ChecklistItem> = z.object({
  lesson: lessonSchema,
  rollouts: count,
  caught: z.array(catchSchema),
});

export const checklistSchema: z.ZodType<Checklist> = z.object({
  model: z.string(),
  rollouts: count,
  items: z.array(itemSchema),
});

const quantilesSchema: z.ZodType<Quantiles> = z.object({
  n: count,
  halfMs: z.number(),
  mostMs: z.number(),
});

export const doraSchema: z.ZodType<Dora> = z.object({
  changes: count,
  failed: count,
  failureRate: z.number().min(0).max(1).nullable(),
  detect: quantilesSchema.nullable(),
  recover: quantilesSchema.nullable(),
  perWeek: z.number().nullable(),
});
