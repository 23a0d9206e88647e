// What trends say, and whom the lot sent where, as the control API answers them.

import {
  type Representation,
  type SplitFinding,
  TREND_METRICS,
  type TrendVerdict,
} from "@slipway/core";
import { z } from "zod";

const count = z.number().int().nonnegative();
const share = z.number().min(0).max(1);

const trendLookSchema = z.object({
  atMs: z.number(),
  lengthMs: z.number(),
  points: count,
  against: z.enum(["stable", "alone"]),
  z: z.number(),
  slope: z.number(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  logChance: z.number(),
  logNeeded: z.number(),
  seen: z.number().nullable(),
  current: z.number(),
  limit: z.number(),
  exhaustionMs: z.number().nullable(),
  isBroken: z.boolean(),
});

export const trendVerdictSchema: z.ZodType<TrendVerdict> = z.object({
  trend: z.string(),
  metric: z.enum(TREND_METRICS),
  action: z.enum(["roll-back", "step-back", "block", "warn"]),
  status: z.enum(["pass", "fail", "wait"]),
  look: trendLookSchema.nullable(),
  nextLookMs: z.number().nullable(),
  text: z.string(),
});

export const splitFindingSchema: z.ZodType<SplitFinding> = z.object({
  wanted: share,
  spread: z.number(),
  tests: z.array(
    z.object({
      of: z.enum(["requests", "completed", "users"]),
      candidate: count,
      stable: count,
      share,
      logE: z.number(),
      isOff: z.boolean(),
    }),
  ),
  isOff: z.boolean(),
  text: z.string(),
});

const valueMix = z.object({ value: z.string(), candidate: share, stable: share });

export const representationSchema: z.ZodType<Representation> = z.object({
  dimensions: z.array(
    z.object({
      dimension: z.string(),
      index: z.number(),
      chance: share,
      isOff: z.boolean(),
      missing: z.array(valueMix),
      told: z.array(valueMix),
      errors: z.object({ raw: share, reweighted: share }).nullable(),
    }),
  ),
  isOff: z.boolean(),
  text: z.string(),
});
