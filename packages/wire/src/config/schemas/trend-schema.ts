// A trend as slipway.yaml writes it, and as core knows it.

import type { Trend } from "@slipway/core";
import { z } from "zod";
import { TRENDS_MAX } from "../../policy.ts";
import { DEFAULT_MEMORY_MIB, DEFAULT_TREND_RATIO, DEFAULT_UPTIME } from "../defaults.ts";
import { choice, count, duration, number } from "../fields/field.ts";
import { ACTIONS } from "./guard-schema.ts";

/** A trend before it has its name, which is its key in the file. */
type NamelessTrend =
  | Omit<Extract<Trend, { metric: "client-memory" }>, "id">
  | Omit<Extract<Trend, { metric: "latency" | "ttft" }>, "id">;

const DAY_MS = 86_400_000;

const everyTrend = {
  uptime: duration("Breaks when the limit would be reached within this time.", {
    min: 3_600_000,
    max: 365 * DAY_MS,
  }).prefault(DEFAULT_UPTIME),
  action: choice(
    "What a broken trend does: block (hold the stage), warn, step-back (one stage, then paused), or rollback (everybody back to stable).",
    ACTIONS,
  ).prefault("block"),
};

const memoryTrend = z
  .strictObject({
    metric: z.literal("client-memory").meta({ description: "What clients say they use." }),
    "limit-mib": count("What a client must not come to use, in MiB.", { min: 1 }).prefault(
      DEFAULT_MEMORY_MIB,
    ),
    ...everyTrend,
  })
  .meta({ title: "a trend of memory" })
  .transform(
    (trend): NamelessTrend => ({
      metric: trend.metric,
      limitMiB: trend["limit-mib"],
      uptimeMs: trend.uptime,
      action: trend.action,
    }),
  );

const latencyTrend = z
  .strictObject({
    metric: z.enum(["latency", "ttft"]).meta({
      description:
        "client-memory: what clients say they use. latency: the median of whole answers. ttft: the median time to first token.",
    }),
    ratio: number("The limit, as a multiple of stable's median at the same time.", {
      min: 1,
      max: 100,
      above: true,
      why: "the candidate may come to take this many times as long as stable",
    }).prefault(DEFAULT_TREND_RATIO),
    ...everyTrend,
  })
  .meta({ title: "a trend of latency" })
  .transform(
    (trend): NamelessTrend => ({
      metric: trend.metric,
      ratioMax: trend.ratio,
      uptimeMs: trend.uptime,
      action: trend.action,
    }),
  );

/** Name → trend, as a list in the order of the file. */
export const trendsSchema: z.ZodType<readonly Trend[]> = z
  .record(
    z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/),
    z.discriminatedUnion("metric", [memoryTrend, latencyTrend]),
  )
  .refine((trends) => Object.keys(trends).length <= TRENDS_MAX, {
    message: `more than ${TRENDS_MAX} trends`,
  })
  .meta({
    title: "trends",
    description:
      "What must not grow slowly while a rollout is under way, by name. Trends written here replace the default ones.",
  })
  .transform((trends) => Object.entries(trends).map(([id, trend]): Trend => ({ id, ...trend })));
