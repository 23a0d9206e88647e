// The policy as slipway.yaml writes it, and as core knows it. Everything in it may be left out.

import type {
  Guard,
  KeyPolicy,
  LeasePolicy,
  LiveScorerName,
  Policy,
  PriorityPolicy,
  Ring,
  Stage,
} from "@slipway/core";
import { SLOTS } from "@slipway/core";
import { z } from "zod";
import {
  DEFAULT_BACKGROUND,
  DEFAULT_BAKE,
  DEFAULT_DEADLINE,
  DEFAULT_FALSE_ALARM,
  DEFAULT_FORECAST_UNKNOWN,
  DEFAULT_GUARDS,
  DEFAULT_HOLD,
  DEFAULT_HOLDBACK,
  DEFAULT_HORIZON,
  DEFAULT_LEASE,
  DEFAULT_REPLAY_BUDGET,
  DEFAULT_SCORE_GUARDS,
  DEFAULT_SHARE_TOLERANCE,
  DEFAULT_STAGE_LIMIT,
  DEFAULT_STAGE_MIN_REQUESTS,
  DEFAULT_STAGES,
  DEFAULT_TICK,
  DEFAULT_TRENDS,
  DEFAULT_TRIP_FAILURES,
  DEFAULT_WARM,
} from "../defaults.ts";
import { choice, count, duration, flag, share } from "../fields/field.ts";
import { header } from "../fields/header-field.ts";
import { nameField } from "../fields/name-field.ts";
import { answersSchema } from "./answers-schema.ts";
import { approvalFields, approvalOf } from "./approval-schema.ts";
import { conversationsSchema, excludeSchema, ringsSchema } from "./audience-schema.ts";
import { guardsSchema } from "./guard-schema.ts";
import { segmentsSchema } from "./segment-schema.ts";
import { trendsSchema } from "./trend-schema.ts";

const STAGES_MAX = 50;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** A gateway reports every second; a lease must outlive a few lost reports. */
const LEASE_MIN_MS = 3_000;
const stage: z.ZodType<Stage> = z
  .strictObject({
    share: share("Share of users on the candidate.", {
      min: 1 / SLOTS,
      why: "users are split in steps of 0.01%",
    }),
    hold: duration("At least so long, counted from when every gateway has confirmed the stage.", {
      max: 30 * DAY_MS,
    }).prefault(DEFAULT_HOLD),
    "min-requests": count(
      "At least so many requests of the candidate, answered and judged in this stage.",
    ).prefault(DEFAULT_STAGE_MIN_REQUESTS),
    ...approvalFields,
  })
  .meta({ title: "a stage" })
  .transform((s, context) => ({
    percent: percentOf(s.share),
    holdMs: s.hold,
    minRequests: s["min-requests"],
    ...approvalOf(s, context),
  }));

const keys: z.ZodType<KeyPolicy> = z
  .strictObject({
    header: header(
      "Request header that names the user. Without it, known session headers and the body's own fields (user, metadata.user_id, prompt_cache_key) are used.",
    ).optional(),
    "without-key": choice(
      "Where a request goes that names no user: to stable, or split per-request.",
      { stable: "stable", "per-request": "per-request" } as const,
    ).prefault("stable"),
    "api-key-is-user": flag(
      "Whether, as a last resort, the client's API key stands for a user. One key is often a whole company.",
    ).prefault(false),
  })
  .meta({ title: "keys", description: "How the gateway finds out whose request it is." })
  .transform((k) => ({
    header: k.header ?? null,
    apiKeyIsUser: k["api-key-is-user"],
    withoutKey: k["without-key"],
  }));

const evidence: z.ZodType<Omit<Policy["evidence"], "segments">> = z
  .strictObject({
    tick: duration("Evidence is collected and judged in ticks of this length.", {
      min: 100,
      max: 600_000,
    }).prefault(DEFAULT_TICK),
    horizon: duration(
      "A request still open this long after its arrival counts as failed. At least one tick.",
      { min: 100, max: HOUR_MS },
    ).prefault(DEFAULT_HORIZON),
  })
  .meta({ title: "evidence", description: "How requests are judged." })
  .transform((e) => ({
    tickMs: e.tick,
    horizonMs: e.horizon,
  }));

const replay: z.ZodType<Policy["replay"]> = z
  .strictObject({
    enabled: flag(
      "Whether a request that fails on the candidate before the first byte of its answer is sent once more, to stable.",
    ).prefault(true),
    budget: share("Replays as a share of the candidate's requests, at most.").prefault(
      DEFAULT_REPLAY_BUDGET,
    ),
  })
  .meta({ title: "replay", description: "Hides the candidate's failures from users." });

const trip: z.ZodType<Policy["trip"]> = z
  .strictObject({
    enabled: flag(
      "Whether a gateway worker may leave a candidate that is plainly broken by itself, and have the rollout rolled back.",
    ).prefault(true),
    failures: count(
      "So many more hard failures than answers, among the candidate's latest requests at one worker, trip it.",
      { min: 5, max: 1_000 },
    ).prefault(DEFAULT_TRIP_FAILURES),
  })
  .meta({ title: "trip", description: "Leaves a plainly broken candidate within requests." });

const forecast: z.ZodType<Policy["forecast"]> = z
  .strictObject({
    enabled: flag(
      "Whether a stage begins only once its load was forecast, and the candidate does not break there.",
    ).prefault(true),
    unknown: choice(
      "What happens where a forecast cannot tell: ask an operator, ask-at-risk (only where what is open could go over a limit), or proceed.",
      { ask: "ask", "ask-at-risk": "ask-at-risk", proceed: "proceed" } as const,
    ).prefault(DEFAULT_FORECAST_UNKNOWN),
  })
  .meta({ title: "forecast", description: "Latency at the next stage's load, before it." });

const lease: z.ZodType<LeasePolicy> = z
  .strictObject({
    duration: duration(
      "How long a gateway may route to a candidate without hearing from a controller.",
      {
        min: LEASE_MIN_MS,
        max: HOUR_MS,
        why: "a gateway reports every second, and a lease must outlive a few lost reports",
      },
    ).prefault(DEFAULT_LEASE),
    "on-lapse": choice(
      "What a gateway serves when its lease has lapsed: stable, or keep the split.",
      {
        stable: "stable",
        keep: "keep",
      } as const,
    ).prefault("stable"),
  })
  .meta({ title: "lease", description: "What a gateway may do on its own." })
  .transform((l) => ({ durationMs: l.duration, onLapse: l["on-lapse"] }));

const priority: z.ZodType<PriorityPolicy> = z
  .strictObject({
    header: header(
      "Request header that names the priority. Without it, a service_tier of flex or batch in the body means background.",
    ).optional(),
    background: z
      .array(nameField("A value of the header, in any case."))
      .min(1)
      .max(20)
      .meta({ description: "Values of the header that mean background." })
      .prefault(DEFAULT_BACKGROUND),
    default: choice("The priority of a request that names none.", {
      interactive: "interactive",
      background: "background",
    } as const).prefault("interactive"),
  })
  .meta({ title: "priority", description: "Whose turn it is when slots are scarce." })
  .transform((p) => ({
    header: p.header ?? null,
    background: p.background.map((value) => value.trim().toLowerCase()),
    otherwise: p.default,
  }));

const PERCENT_STEPS = 1e4;

function percentOf(part: number): number {
  return Math.round(part * 100 * PERCENT_STEPS) / PERCENT_STEPS;
}

function holdbackOf(part: number): Pick<Policy, "holdbackPercent"> {
  return part === 0 ? {} : { holdbackPercent: percentOf(part) };
}

/** A ring from 100% on opens with the stage of 100%, in which some are held back. */
function openByEnd(rings: readonly Ring[], holdback: number): readonly Ring[] {
  const most = percentOf(1 - holdback);
  return rings.map((ring) => ({ ...ring, fromPercent: Math.min(ring.fromPercent, most) }));
}

/** Where the guards are the default ones, what is scored in answers has one too, so that somebody looks. */
function withScoreGuards(
  guards: readonly Guard[],
  score: readonly LiveScorerName[] = [],
): readonly Guard[] {
  const isDefault = JSON.stringify(guards) === JSON.stringify(guardsSchema.parse(DEFAULT_GUARDS));
  if (score.length === 0 || !isDefault) return guards;
  const added = score.flatMap((scorer) => guardsSchema.parse(DEFAULT_SCORE_GUARDS[scorer]));
  return [...guards, ...added];
}

export const policySchema: z.ZodType<Policy> = z
  .strictObject({
    mode: choice(
      "Whether rollouts act by themselves, or only observe and say what they would do.",
      {
        act: "act",
        observe: "observe",
      } as const,
    ).prefault("act"),
    stages: z
      .array(stage)
      .min(1)
      .max(STAGES_MAX)
      .meta({ description: "The ladder: shares that grow strictly, the last 100%." })
      .prefault(DEFAULT_STAGES),
    "stage-limit": duration(
      "A stage that its sequential guards do not let pass for so long asks an operator.",
      { min: 1_000, max: 30 * DAY_MS },
    ).prefault(DEFAULT_STAGE_LIMIT),
    "false-alarm": share(
      "Chance that the sequential guards ever break although the candidate is within their limits, at most.",
      { min: 0, above: true, max: 0.5, why: "more than every other alarm would be false" },
    ).prefault(DEFAULT_FALSE_ALARM),
    holdback: share(
      "Users who stay on stable in the stage of 100% and in bake, as a control, and move when the rollout completes.",
      { max: 0.5, why: "more than half would be no control any more" },
    ).prefault(DEFAULT_HOLDBACK),
    bake: duration("After 100%: stable stays warm and the guards stay armed for so long.", {
      max: 30 * DAY_MS,
    }).prefault(DEFAULT_BAKE),
    warm: duration("After completion: the old version is kept for a one-step revert.", {
      max: 90 * DAY_MS,
    }).prefault(DEFAULT_WARM),
    guards: guardsSchema.prefault(DEFAULT_GUARDS),
    trends: trendsSchema.prefault(DEFAULT_TRENDS),
    representative: choice(
      "What a stage does whose candidate lacks requests that it should have, or is unlike stable in its mix of segments: hold, or warn.",
      { hold: "hold", warn: "warn" } as const,
    ).prefault("hold"),
    forecast: forecast.prefault({}),
    keys: keys.prefault({}),
    rings: ringsSchema.prefault({}),
    exclude: excludeSchema.prefault({}),
    conversations: conversationsSchema,
    segments: segmentsSchema.prefault({}),
    evidence: evidence.prefault({}),
    replay: replay.prefault({}),
    "on-rollback": choice(
      "What becomes of the candidate's answers that are under way when it is rolled back: they finish, or are cut.",
      { finish: "finish", cut: "cut" } as const,
    ).prefault("finish"),
    trip: trip.prefault({}),
    answers: answersSchema.prefault({}),
    lease: lease.prefault({}),
    priority: priority.prefault({}),
    deadline: duration("Limit of a whole request, first attempt and replay together.", {
      min: 1_000,
      max: DAY_MS,
    }).prefault(DEFAULT_DEADLINE),
    "share-tolerance": share(
      "A stage holds while the candidate's actual share of requests is off the stage's by more than this fraction of it.",
    ).prefault(DEFAULT_SHARE_TOLERANCE),
  })
  .meta({ title: "policy", description: "How rollouts of this model proceed." })
  .transform(
    (policy): Policy => ({
      ...(policy.mode === "observe" ? { mode: "observe" as const } : {}),
      stages: policy.stages,
      stageLimitMs: policy["stage-limit"],
      falseAlarmMax: policy["false-alarm"],
      ...holdbackOf(policy.holdback),
      bakeMs: policy.bake,
      warmMs: policy.warm,
      guards: withScoreGuards(policy.guards, policy.answers.score),
      forecast: policy.forecast,
      shareTolerance: policy["share-tolerance"],
      trends: policy.trends,
      representative: policy.representative,
      keys: policy.keys,
      audience: {
        rings: openByEnd(policy.rings, policy.holdback),
        exclude: policy.exclude,
        conversations: policy.conversations,
      },
      evidence: { ...policy.evidence, segments: policy.segments },
      replay: policy.replay,
      ...(policy["on-rollback"] === "cut" ? { onRollback: "cut" as const } : {}),
      trip: policy.trip,
      answers: policy.answers,
      lease: policy.lease,
      priority: policy.priority,
      deadlineMs: policy.deadline,
    }),
  );
