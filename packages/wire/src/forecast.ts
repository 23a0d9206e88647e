// Forecasts and their scores: as the journal keeps them, and as the control API lists them for a model.

import type { Forecast, LatencyForecast, LatencyScore, QuotaForecast, Score } from "@slipway/core";
import { z } from "zod";

/** One forecast of a stage, with how the stage then was. */
export type ForecastEntry = {
  readonly rolloutId: string;
  readonly from: string;
  readonly to: string;
  readonly atMs: number;
  /** The last that was made before the stage began, or was refused. */
  readonly forecast: Forecast;
  /** Whether the rollout went into that stage, and who sent it there against the forecast. */
  readonly entered: { readonly atMs: number; readonly by: string | null } | null;
  readonly score: Score | null;
};

/** A model's forecasts, the newest first, and what they were worth. */
export type ForecastsView = {
  readonly model: string;
  readonly entries: readonly ForecastEntry[];
  readonly calibration: {
    /** Scored numbers, and what the next intervals are widened by. */
    readonly scores: number;
    readonly factor: number;
    /** Of those with an interval, how many the truth lay in. */
    readonly told: number;
    readonly covered: number;
  };
};

const count = z.number().int().nonnegative();
const metric = z.enum(["total", "ttft", "tpot"]);
const ms = z.number().nullable();

const latencyForecastSchema: z.ZodType<LatencyForecast> = z.object({
  guard: z.string().nullable(),
  metric,
  quantile: z.number(),
  lowMs: ms,
  medianMs: ms,
  highMs: ms,
  floorMs: ms,
  nowMs: ms,
  stableMs: ms,
  limitMs: ms,
});

const quotaForecastSchema: z.ZodType<QuotaForecast> = z.object({
  pool: z.string(),
  unit: z.enum(["requests", "tokens"]),
  source: z.enum(["declared", "told"]),
  needed: z.number(),
  limit: z.number(),
  verdict: z.enum(["pass", "fail"]),
});

export const forecastSchema: z.ZodType<Forecast> = z.object({
  model: count,
  stage: count,
  percent: z.number(),
  table: count,
  ticks: z.object({ from: z.number().int(), to: z.number().int() }),
  basis: z.enum(["engine", "scalability", "quota", "none"]),
  load: z.object({ replicas: count, now: z.number(), next: z.number() }).nullable(),
  capacity: z.object({ perSecond: z.number(), cold: z.number().nullable() }).nullable(),
  beyondKnee: z.boolean(),
  latency: z.array(latencyForecastSchema),
  quotas: z.array(quotaForecastSchema),
  widened: z.object({ factor: z.number(), scores: count }),
  verdict: z.enum(["pass", "fail", "unknown"]),
  risky: z.boolean(),
  doubt: z
    .enum(["few-samples", "replicas", "misfit", "elastic", "unlike-scale", "failed"])
    .nullable(),
  text: z.string(),
});

const latencyScoreSchema: z.ZodType<LatencyScore> = z.object({
  metric,
  quantile: z.number(),
  lowMs: ms,
  medianMs: ms,
  highMs: ms,
  limitMs: ms,
  actualMs: ms,
  logError: z.number().nullable(),
  covered: z.boolean().nullable(),
});

export const scoreSchema: z.ZodType<Score> = z.object({
  stage: count,
  percent: z.number(),
  requests: count,
  latency: z.array(latencyScoreSchema),
});

export const forecastsViewSchema: z.ZodType<ForecastsView> = z.object({
  model: z.string(),
  entries: z.array(
    z.object({
      rolloutId: z.string(),
      from: z.string(),
      to: z.string(),
      atMs: z.number(),
      forecast: forecastSchema,
      entered: z.object({ atMs: z.number(), by: z.string().nullable() }).nullable(),
      score: scoreSchema.nullable(),
    }),
  ),
  calibration: z.object({ scores: count, factor: z.number(), told: count, covered: count }),
});
