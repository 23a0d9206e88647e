// A guard as slipway.yaml writes it, and as core knows it: one form for each kind of metric.

import {
  ANSWER_EVENTS,
  type EventName,
  type Guard,
  type GuardAction,
  type GuardComparison,
  type LatencyTime,
  MEANS,
  OUTCOME_EVENTS,
  type SequentialGuard,
  type ThresholdGuard,
} from "@slipway/core";
import { z } from "zod";
import {
  DEFAULT_DIFFERENCES,
  DEFAULT_ERROR_RATIO,
  DEFAULT_GUARD_MIN_REQUESTS,
  DEFAULT_GUARD_WEIGHT,
  DEFAULT_GUARD_WINDOW,
  DEFAULT_QUANTILE,
  PRIMARY_GUARD_WEIGHT,
} from "../defaults.ts";
import { readShare } from "../document/quantity.ts";
import { choice, count, duration, flag, number, share } from "../fields/field.ts";
import { nameField } from "../fields/name-field.ts";

/** A guard before it has its name, which is its key in the file. */
type NamelessGuard = Omit<ThresholdGuard, "id"> | Omit<SequentialGuard, "id">;

export const ACTIONS: { readonly [word: string]: GuardAction } = {
  rollback: "roll-back",
  "step-back": "step-back",
  block: "block",
  warn: "warn",
};

export const LATENCY_METRICS = ["latency", "ttft", "tpot"] as const;

const TIMES: { readonly [word: string]: LatencyTime } = {
  latency: "total",
  ttft: "ttft",
  tpot: "tpot",
};

/** `action`: what one of these does that says nothing else. */
function everyGuard(action: string) {
  return {
    test: choice(
      "sequential: evidence is gathered from the start, and false alarms are bounded however often it is looked at. threshold: the window is compared with the limit at every look.",
      { sequential: "sequential", threshold: "threshold" } as const,
    ).prefault("sequential"),
    segment: nameField(
      "A value of the first segment (policy.segments): the guard looks at its requests alone. Default: all requests, and each value by itself.",
    ).optional(),
    weight: number(
      "Sequential only: its part of false-alarm, in proportion to the guards that act as it does.",
      { min: 0, above: true, max: 1_000 },
    ).optional(),
    window: duration(
      "The last stretch of time: what a threshold judges, and what a sequential guard shows and takes stable's quantile from.",
      { min: 1_000, max: 86_400_000 },
    ).prefault(DEFAULT_GUARD_WINDOW),
    "min-requests": count(
      "Thresholds only: requests that each arm needs in the window before the guard says anything; until then it waits, and the stage holds.",
      { min: 1 },
    ).optional(),
    action: choice(
      "What a broken guard does: rollback (everybody back to stable), step-back (one stage, then paused), block (hold the stage), or warn.",
      ACTIONS,
    ).prefault(action),
  };
}

type Every = {
  readonly action: GuardAction;
  readonly segment?: string | undefined;
  readonly window: number;
};

function baseOf({
  action,
  segment,
  window: windowMs,
}: Every): Pick<Guard, "action" | "segment" | "windowMs"> {
  return { action, segment: segment ?? null, windowMs };
}

const LATENCY_RATIO = {
  min: 1,
  max: 100,
  above: true,
  why: "the candidate may take this many times as long as stable",
};

const latencyGuard = z
  .strictObject({
    metric: z.enum(LATENCY_METRICS).meta({
      description:
        "latency: the whole answer. ttft: time to first token. tpot: time per output token.",
    }),
    quantile: number("Which quantile to compare: 0.99 for P99.", {
      min: 0.5,
      max: 0.999,
      why: "a quantile is a fraction, 0.99 for P99",
    }).prefault(DEFAULT_QUANTILE),
    ratio: number(
      "Breaks when the candidate's quantile exceeds stable's by this factor.",
      LATENCY_RATIO,
    ).optional(),
    limit: duration(
      "Instead of a ratio, sequential only: breaks when the candidate's quantile exceeds this, whatever stable does.",
      { min: 1 },
    ).optional(),
    "by-length": flag(
      "Sequential only: whether answers are compared with those of like length, so that a version that says more is not slower for that.",
    ).prefault(false),
    ...everyGuard("rollback"),
  })
  .meta({ title: "a latency guard" })
  .transform((guard): NamelessGuard => {
    const metric = {
      kind: "latency" as const,
      time: TIMES[guard.metric] ?? "total",
      quantile: guard.quantile,
      byLength: guard["by-length"],
    };
    const { limit, ratio: ratioMax = 1 } = guard;
    const base = { ...baseOf(guard), metric };
    const ratio = { kind: "ratio" as const, ratioMax, differenceMin: 0 };
    if (guard.test === "threshold") {
      return { ...base, test: "threshold", comparison: ratio, minRequests: minRequestsOf(guard) };
    }
    return {
      ...base,
      test: "sequential",
      comparison: limit === undefined ? ratio : { kind: "limit", max: limit },
      weight:
        guard.weight ?? (metric.time === "total" ? PRIMARY_GUARD_WEIGHT : DEFAULT_GUARD_WEIGHT),
    };
  });

const eventFields = {
  ratio: number(
    "Sequential only: breaks when the candidate's share of bad ones (of odds, where they are common) exceeds stable's by this factor.",
    { min: 1, max: 100, why: "the candidate may fail this many times as often as stable" },
  ).optional(),
  difference: share(
    "Sequential: what differs by less than this breaks nothing. Threshold, required: breaks when the candidate's share exceeds stable's by more than this.",
    { min: 0, max: 1, above: true },
  ).optional(),
  limit: share(
    "Instead of a ratio, sequential only: breaks when the candidate's share of bad ones exceeds this, whatever stable does.",
    { min: 0, max: 1, above: true },
  ).optional(),
};

type EventLimits = {
  readonly ratio?: number | undefined;
  readonly difference?: number | undefined;
  readonly limit?: number | undefined;
};

function eventComparison(
  { ratio, difference, limit }: EventLimits,
  otherwise: string,
): SequentialGuard["comparison"] {
  if (limit !== undefined) return { kind: "limit", max: limit };
  const ratioMax = ratio ?? DEFAULT_ERROR_RATIO;
  return { kind: "ratio", ratioMax, differenceMin: difference ?? shareOf(otherwise) };
}

function shareOf(text: string): number {
  const reading = readShare(text);
  return reading.ok ? reading.value : 0;
}

const outcomeGuard = z
  .strictObject({
    metric: z.enum(OUTCOME_EVENTS).meta({
      description:
        "errors: share of failed requests. Some of them alone: incompatible, rate-limited, truncated, timeouts, server-errors, invalid.",
    }),
    ...eventFields,
    ...everyGuard("rollback"),
  })
  .meta({ title: "an error guard" })
  .transform((guard): NamelessGuard => {
    const metric = { kind: "events" as const, event: guard.metric };
    const base = { ...baseOf(guard), metric };
    if (guard.test === "threshold") {
      const differenceMax = guard.difference ?? shareOf(DEFAULT_DIFFERENCES.outcome);
      const comparison: GuardComparison = { kind: "difference", differenceMax };
      return { ...base, test: "threshold", comparison, minRequests: minRequestsOf(guard) };
    }
    return {
      ...base,
      test: "sequential",
      comparison: eventComparison(guard, DEFAULT_DIFFERENCES.outcome),
      weight:
        guard.weight ?? (guard.metric === "errors" ? PRIMARY_GUARD_WEIGHT : DEFAULT_GUARD_WEIGHT),
    };
  });

type Sequential = Every & EventLimits & { readonly weight?: number | undefined };

function eventGuard(
  guard: Sequential,
  metric: SequentialGuard["metric"],
  difference: string,
): NamelessGuard {
  return {
    ...baseOf(guard),
    metric,
    test: "sequential",
    comparison: eventComparison(guard, difference),
    weight: guard.weight ?? DEFAULT_GUARD_WEIGHT,
  };
}

const DIFFERENCES: { readonly [event in EventName]?: string } = {
  acceptance: DEFAULT_DIFFERENCES.opinion,
  rating: DEFAULT_DIFFERENCES.opinion,
};

const qualityGuard = z
  .strictObject({
    metric: z.enum([...ANSWER_EVENTS, "acceptance", "rating"]).meta({
      description:
        "refusals, empty, cut-off: what the gateway sees in whole answers. acceptance: answers that users reject. rating: thumbs down.",
    }),
    ...eventFields,
    ...everyGuard("block"),
  })
  .meta({ title: "a quality guard" })
  .transform(
    (guard): NamelessGuard =>
      eventGuard(
        guard,
        { kind: "events", event: guard.metric },
        DIFFERENCES[guard.metric] ?? DEFAULT_DIFFERENCES.answer,
      ),
  );

const crashGuard = z
  .strictObject({
    metric: z.literal("crashes").meta({ description: "Reports of clients that have crashed." }),
    ...eventFields,
    ...everyGuard("rollback"),
  })
  .meta({ title: "a crash guard" })
  .transform(
    (guard): NamelessGuard =>
      eventGuard(guard, { kind: "events", event: "crashes" }, DEFAULT_DIFFERENCES.outcome),
  );

const memoryGuard = z
  .strictObject({
    metric: z
      .literal("memory")
      .meta({ description: "Reports of clients that use more memory than `over`." }),
    over: number("Memory that a client should not use more of, in MiB.", {
      min: 1,
      max: 1_048_576,
    }),
    ...eventFields,
    ...everyGuard("block"),
  })
  .meta({ title: "a memory guard" })
  .transform(
    (guard): NamelessGuard =>
      eventGuard(guard, { kind: "memory", mibMax: guard.over }, DEFAULT_DIFFERENCES.opinion),
  );

const scoreGuard = z
  .strictObject({
    metric: z
      .literal("score")
      .meta({ description: "What clients or scorers count under a name of their own." }),
    score: nameField("Its name, as feedback says it: parse-failures."),
    ...eventFields,
    ...everyGuard("block"),
  })
  .meta({ title: "a score guard" })
  .transform(
    (guard): NamelessGuard =>
      eventGuard(guard, { kind: "score", score: guard.score }, DEFAULT_DIFFERENCES.score),
  );

const meanGuard = z
  .strictObject({
    metric: z.enum(MEANS).meta({
      description:
        "input-tokens, output-tokens: tokens per answered request. cost: what it costs, at the prices of its version.",
    }),
    ratio: number("Breaks when the candidate's mean exceeds stable's by this factor.", {
      min: 1,
      max: 100,
      why: "the candidate may need this many times as much as stable",
    }).optional(),
    limit: number(
      "Instead of a ratio: breaks when the candidate's mean exceeds this, in tokens or in US dollars, whatever stable does.",
      { min: 0, above: true },
    ).optional(),
    ...everyGuard("warn"),
  })
  .meta({ title: "a guard of means" })
  .transform(
    (guard): NamelessGuard => ({
      ...baseOf(guard),
      metric: { kind: "mean", of: guard.metric, prices: null },
      test: "sequential",
      comparison:
        guard.limit === undefined
          ? { kind: "ratio", ratioMax: guard.ratio ?? DEFAULT_ERROR_RATIO, differenceMin: 0 }
          : { kind: "limit", max: guard.limit },
      weight: guard.weight ?? DEFAULT_GUARD_WEIGHT,
    }),
  );

function minRequestsOf(guard: { readonly "min-requests"?: number | undefined }): number {
  return guard["min-requests"] ?? DEFAULT_GUARD_MIN_REQUESTS;
}

/** Name → guard, as a list in the order of the file. */
export const guardsSchema: z.ZodType<readonly Guard[]> = z
  .record(
    z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/),
    z.discriminatedUnion("metric", [
      latencyGuard,
      outcomeGuard,
      qualityGuard,
      crashGuard,
      memoryGuard,
      scoreGuard,
      meanGuard,
    ]),
  )
  .meta({
    title: "guards",
    description:
      "What must never break while a rollout is under way, by name. Guards written here replace the default ones.",
  })
  .transform((guards) => Object.entries(guards).map(([id, guard]): Guard => ({ id, ...guard })));
