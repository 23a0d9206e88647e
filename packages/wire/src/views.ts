// What the control API answers, as schemas: the OpenAPI document is made from them, and whoever reads an answer
// across a process parses it with them.

import {
  type ControlEvent,
  type Decision,
  type Finding,
  type Interval,
  type Move,
  type Neighbour,
  PHASES,
  type Phase,
  type Requirement,
  type RolloutEvent,
  type StageCounts,
  type Verdict,
} from "@slipway/core";
import { z } from "zod";
import type {
  ApplyResult,
  ArmView,
  ErrorBody,
  FeedbackView,
  JournalEntry,
  MemberView,
  ModelView,
  RolloutSummary,
  RolloutView,
  TotalsView,
  VerifyResult,
} from "./api.ts";
import { becauseSchema, openPageSchema } from "./because.ts";
import { controlEventSchema, controlsSchema } from "./control-events.ts";
import { forecastSchema, scoreSchema } from "./forecast.ts";
import { tripSchema } from "./frame.ts";
import { policySchema } from "./policy.ts";
import { gateAtStartSchema } from "./preflight.ts";
import { slicesSchema } from "./segment.ts";
import { representationSchema, splitFindingSchema, trendVerdictSchema } from "./trend.ts";

const count = z.number().int().nonnegative();
const names = z.array(z.string());
const place = z.union([count, z.literal("bake")]);
const placeOrPreflight = z.union([count, z.enum(["bake", "preflight"])]);
const sinceMs = z.number();
const confirmedAtMs = z.number().nullable();

export const applyResultSchema: z.ZodType<ApplyResult> = z.object({
  table: count,
  created: names,
  changed: names,
  unchanged: names,
  removed: names,
  warnings: names,
});

export const modelViewSchema: z.ZodType<ModelView> = z.object({
  name: z.string(),
  stable: z.string(),
  versions: z.array(z.object({ id: z.string(), fingerprint: z.string(), upstreams: count })),
  rollout: z.string().nullable(),
  warm: z.object({ version: z.string(), untilMs: z.number(), rollout: z.string() }).nullable(),
  schedules: z.object({
    drill: z.string().nullable(),
    drift: z.object({ cron: z.string(), versions: names }).nullable(),
  }),
});

export const phaseSchema: z.ZodType<Phase> = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("preflight"), sinceMs }),
  z.object({ kind: z.literal("stage"), stage: count, sinceMs, confirmedAtMs }),
  z.object({ kind: z.literal("bake"), sinceMs, confirmedAtMs }),
  z.object({ kind: z.literal("paused"), at: place, sinceMs }),
  z.object({ kind: z.literal("stepping-back"), stage: count, sinceMs }),
  z.object({ kind: z.literal("rolling-back"), from: placeOrPreflight, sinceMs }),
  z.object({
    kind: z.literal("rolled-back"),
    from: placeOrPreflight,
    sinceMs,
    confirmMs: z.number(),
    expired: names,
  }),
  z.object({ kind: z.literal("completed"), sinceMs, warmUntilMs: z.number() }),
]);

export const moveSchema: z.ZodType<Move> = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("advance"), stage: count }),
  z.object({ kind: z.literal("bake") }),
  z.object({ kind: z.literal("complete") }),
  z.object({ kind: z.literal("pause") }),
  z.object({ kind: z.literal("resume") }),
  z.object({ kind: z.literal("step-back"), stage: count }),
  z.object({ kind: z.literal("roll-back") }),
]);

export const decisionSchema: z.ZodType<Decision> = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("hold"), because: becauseSchema }),
  z.object({
    kind: z.literal("move"),
    move: moveSchema,
    because: becauseSchema,
    shed: z.literal(true).exactOptional(),
  }),
]);

const measure = z.object({ value: z.number().nullable(), over: z.boolean(), n: count });

const findingSchema: z.ZodType<Finding> = z.object({
  logE: z.number(),
  logNeeded: z.number(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  odds: z.boolean(),
  segment: z.string().nullable(),
  replica: z.string().nullable(),
  byHeavyUser: z.boolean(),
  byFewUsers: z.boolean(),
  late: z.object({ logE: z.number(), open: z.boolean(), record: z.number().nullable() }).nullable(),
  going: z.object({
    margin: z.number(),
    difference: z.number().nullable(),
    logE: z.number(),
    logNeeded: z.number(),
    excluded: z.number().nullable(),
  }),
});

const intervalSchema: z.ZodType<Interval> = z.object({
  low: z.number().nullable(),
  high: z.number().nullable(),
  confidence: z.number(),
  always: z.boolean(),
});

export const verdictSchema: z.ZodType<Verdict> = z.object({
  guard: z.string(),
  unit: z.enum(["ms", "share", "tokens", "dollars"]),
  comparison: z.enum(["ratio", "difference", "limit"]),
  status: z.enum(["pass", "fail", "wait"]),
  action: z.enum(["roll-back", "step-back", "block", "warn"]),
  holds: z.boolean(),
  measured: z.number().nullable(),
  limit: z.number(),
  candidate: measure,
  stable: measure,
  baseline: z.enum(["concurrent", "kept"]),
  interval: intervalSchema.nullable(),
  text: z.string(),
  finding: findingSchema.exactOptional(),
  caution: z.string().exactOptional(),
});

export const requirementSchema: z.ZodType<Requirement> = z.object({
  code: z.enum([
    "confirmed",
    "hold",
    "requests",
    "fresh",
    "covered",
    "share",
    "split",
    "representative",
    "forecast",
    "guard",
    "approval",
  ]),
  met: z.boolean(),
  progress: z.number().min(0).max(1),
  text: z.string(),
});

const lookSchema = z.object({
  watermark: z.number().int(),
  stateHash: z.string(),
  verdicts: z.array(verdictSchema),
});

const causeSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("evidence"), because: becauseSchema }),
  z.object({
    kind: z.literal("operator"),
    by: z.string(),
    command: z.string(),
    because: becauseSchema,
  }),
]);

const neighbourSchema: z.ZodType<Neighbour> = z.object({
  kind: z.enum(["rollout", "mirror"]),
  id: z.string(),
  model: z.string(),
  pool: z.string(),
});

const movementSchema: z.ZodType<Exclude<RolloutEvent, ControlEvent>> = z.discriminatedUnion(
  "type",
  [
    z.object({
      type: z.literal("started"),
      atMs: z.number(),
      table: count,
      rollout: z.object({
        id: z.string(),
        model: z.string(),
        from: z.string(),
        to: z.string(),
        policy: policySchema,
        startedBy: z.string(),
        reason: z.string(),
        controls: controlsSchema.exactOptional(),
        sharedPools: names.exactOptional(),
        beside: z.array(neighbourSchema).exactOptional(),
        gates: z.array(gateAtStartSchema).exactOptional(),
        drill: z.literal(true).exactOptional(),
      }),
    }),
    z.object({
      type: z.literal("looked"),
      atMs: z.number(),
      because: becauseSchema,
      look: lookSchema,
    }),
    z.object({ type: z.literal("tripped"), atMs: z.number(), trip: tripSchema }),
    z.object({
      type: z.literal("moved"),
      atMs: z.number(),
      move: moveSchema,
      cause: causeSchema,
      table: count,
      look: lookSchema.nullable(),
    }),
    z.object({
      type: z.literal("confirmed"),
      atMs: z.number(),
      table: count,
      members: count,
      expired: names,
      confirmMs: z.number(),
    }),
    z.object({ type: z.literal("drained"), atMs: z.number(), drainedMs: z.number() }),
    z.object({ type: z.literal("forecasted"), atMs: z.number(), forecast: forecastSchema }),
    z.object({ type: z.literal("forecast-scored"), atMs: z.number(), score: scoreSchema }),
  ],
);

const rolloutEventSchema: z.ZodType<RolloutEvent> = z.union([movementSchema, controlEventSchema]);

export const journalEntrySchema: z.ZodType<JournalEntry> = z.object({
  rolloutId: z.string(),
  sequence: count,
  event: rolloutEventSchema,
  hash: z.string(),
});

const armViewSchema: z.ZodType<ArmView> = z.object({
  arm: z.enum(["stable", "candidate"]),
  version: z.string(),
  requestsPerSecond: z.number(),
  counted: count,
  bad: count,
  p50Ms: z.number().nullable(),
  p99Ms: z.number().nullable(),
  ttftP99Ms: z.number().nullable(),
});

const feedbackViewSchema: z.ZodType<FeedbackView> = z.object({
  accepted: count,
  rejected: count,
  ratings: z.object({ up: count, neutral: count, down: count }),
  reasons: z.record(z.string(), count),
  health: z.object({
    reports: count,
    crashes: count,
    memoryP95MiB: z.number().nullable(),
    uiP95Ms: z.number().nullable(),
    versions: z.record(z.string(), z.object({ reports: count, crashes: count })),
  }),
});

const totalsViewSchema: z.ZodType<TotalsView> = z.object({
  arrivals: count,
  bad: count,
  spared: count,
  users: count,
  usersError: z.number(),
  feedback: feedbackViewSchema.nullable(),
  slices: slicesSchema,
  segments: z.record(
    z.string(),
    z.object({ arrivals: count, bad: count, users: count, accepted: count, rejected: count }),
  ),
});

const stageCountsSchema: z.ZodType<StageCounts> = z.object({
  candidateCounted: count,
  candidateArrivals: count,
  stableArrivals: count,
  keylessArrivals: count,
  apart: z.object({ ring: count, excluded: count, kept: count }),
  turns: z.object({ known: count, unknown: count }),
});

export const rolloutViewSchema: z.ZodType<RolloutView> = z.object({
  id: z.string(),
  model: z.string(),
  from: z.string(),
  to: z.string(),
  startedAtMs: z.number(),
  startedBy: z.string(),
  reason: z.string(),
  phase: phaseSchema,
  sequence: count,
  table: count,
  policy: policySchema,
  controls: controlsSchema,
  gates: z.array(gateAtStartSchema).exactOptional(),
  candidatePercent: z.number(),
  decision: decisionSchema,
  pages: z.array(openPageSchema),
  requirements: z.array(requirementSchema),
  verdicts: z.array(verdictSchema),
  trends: z.array(trendVerdictSchema),
  split: splitFindingSchema.nullable(),
  representation: representationSchema.nullable(),
  arms: z.object({ stable: armViewSchema, candidate: armViewSchema }),
  stage: stageCountsSchema,
  totals: z.object({ stable: totalsViewSchema, candidate: totalsViewSchema }),
  gateways: z.object({ of: count, confirmed: count, expired: names }),
  drainedMs: z.number().nullable(),
  forecast: forecastSchema.nullable(),
  lateRequests: count,
  recent: z.array(journalEntrySchema),
});

export const rolloutSummarySchema: z.ZodType<RolloutSummary> = z.object({
  id: z.string(),
  model: z.string(),
  from: z.string(),
  to: z.string(),
  startedAtMs: z.number(),
  phase: z.enum(PHASES),
  phaseSinceMs: z.number(),
  candidatePercent: z.number(),
  because: becauseSchema.nullable(),
  held: becauseSchema.nullable(),
  pages: z.array(openPageSchema),
});

export const memberViewSchema: z.ZodType<MemberView> = z.object({
  incarnation: z.string(),
  gateway: z.string(),
  worker: count,
  state: z.enum(["leased", "waiting", "expired", "left"]),
  joinedAtMs: z.number(),
  seenAtMs: z.number(),
  confirmedTable: count.nullable(),
  leaseLeftMs: z.number(),
  candidateInFlight: count,
  diverted: names,
  rowsDropped: count,
});

export const verifyResultSchema: z.ZodType<VerifyResult> = z.object({
  ok: z.boolean(),
  rollouts: count,
  entries: count,
  replayed: count,
  problems: z.array(z.object({ rolloutId: z.string(), sequence: count, problem: z.string() })),
});

export const errorBodySchema: z.ZodType<ErrorBody> = z.object({
  error: z.object({ code: z.string(), message: z.string(), fix: z.string().nullable() }),
});
