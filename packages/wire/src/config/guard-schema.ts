// A guard as slipway.yaml writes it, and as core knows it.

import type {
  ErrorGuard,
  ErrorTest,
  Guard,
  GuardAction,
  LatencyGuard,
  LatencyTest,
} from "@slipway/core";
import { z } from "zod";
import {
  DEFAULT_ERROR_DIFFERENCE,
  DEFAULT_ERROR_RATIO,
  DEFAULT_GUARD_MIN_REQUESTS,
  DEFAULT_GUARD_WINDOW,
  DEFAULT_QUANTILE,
} from "./defaults.ts";
import { choice, count, duration, number, share } from "./field.ts";

/** A guard before it has its name, which is its key in the file. */
type NamelessGuard =
  | Omit<LatencyGuard, "id">
  | Omit<ErrorGuard, "id">
  | Omit<LatencyTest, "id">
  | Omit<ErrorTest, "id">;

export const ACTIONS: { readonly [word: string]: GuardAction } = {
  rollback: "roll-back",
  "step-back": "step-back",
  block: "block",
  warn: "warn",
};

const LATENCY_METRICS: { readonly [word: string]: LatencyGuard["metric"] } = {
  latency: "total",
  ttft: "ttft",
  tpot: "tpot",
};

const everyGuard = {
  test: choice(
    "sequential: evidence is gathered from the start, and false alarms are bounded however often it is looked at. threshold: the window is compared with the limit at every look.",
    { sequential: "sequential", threshold: "threshold" } as const,
  ).prefault("sequential"),
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
  ).prefault("rollback"),
};

const latencyGuard = z
  .strictObject({
    metric: z.enum(["latency", "ttft", "tpot"]).meta({
      description:
        "latency: the whole answer. ttft: time to first token. tpot: time per output token. errors: share of failed requests.",
    }),
    quantile: number("Which quantile to compare: 0.99 for P99.", {
      min: 0.5,
      max: 0.999,
      why: "a quantile is a fraction, 0.99 for P99",
    }).prefault(DEFAULT_QUANTILE),
    ratio: number("Breaks when the candidate's quantile exceeds stable's by this factor.", {
      min: 1,
      max: 100,
      above: true,
      why: "the candidate may take this many times as long as stable",
    }),
    ...everyGuard,
  })
  .meta({ title: "a latency guard" })
  .transform((guard): NamelessGuard => {
    const latency = {
      metric: LATENCY_METRICS[guard.metric] ?? "total",
      quantile: guard.quantile,
      ratioMax: guard.ratio,
    };
    const base = { action: guard.action, windowMs: guard.window };
    if (guard.test === "sequential") return { kind: "latency-exceedance", ...latency, ...base };
    return { kind: "latency-ratio", ...latency, ...base, minRequests: minRequestsOf(guard) };
  });

const errorGuard = z
  .strictObject({
    metric: z.literal("errors").meta({ description: "Share of failed requests." }),
    ratio: number(
      "Sequential only: breaks when the candidate's share of failed requests exceeds stable's by this factor.",
      { min: 1, max: 100, why: "the candidate may fail this many times as often as stable" },
    ).optional(),
    difference: share(
      "Sequential: what differs by less than this breaks nothing. Threshold, required: breaks when the candidate's share of failed requests exceeds stable's by more than this.",
      { min: 0, max: 1, above: true },
    ).prefault(DEFAULT_ERROR_DIFFERENCE),
    ...everyGuard,
  })
  .meta({ title: "an error guard" })
  .transform((guard): NamelessGuard => {
    const { difference, action, window: windowMs } = guard;
    if (guard.test === "sequential") {
      const ratioMax = guard.ratio ?? DEFAULT_ERROR_RATIO;
      return { kind: "error-ratio", ratioMax, differenceMin: difference, action, windowMs };
    }
    const minRequests = minRequestsOf(guard);
    return { kind: "error-difference", differenceMax: difference, action, windowMs, minRequests };
  });

function minRequestsOf(guard: { readonly "min-requests"?: number | undefined }): number {
  return guard["min-requests"] ?? DEFAULT_GUARD_MIN_REQUESTS;
}

/** Name → guard, as a list in the order of the file. */
export const guardsSchema: z.ZodType<readonly Guard[]> = z
  .record(
    z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/),
    z.discriminatedUnion("metric", [latencyGuard, errorGuard]),
  )
  .meta({
    title: "guards",
    description:
      "What must never break while a rollout is under way, by name. Guards written here replace the default ones.",
  })
  .transform((guards) => Object.entries(guards).map(([id, guard]): Guard => ({ id, ...guard })));
