// Lapses as they travel: what a schedule asked for and could not be done, as its runner says it, and as it is shown.

import { CHECKS, type Lapse } from "@slipway/core";
import { z } from "zod";

/** Whoever says more cuts it. */
export const BECAUSE_LENGTH_MAX = 1_000;

const because = z.string().min(1).max(BECAUSE_LENGTH_MAX);

export const lapseSchema: z.ZodType<Lapse> = z.object({
  check: z.enum(CHECKS),
  version: z.string().nullable(),
  workedAtMs: z.number().nullable(),
  sinceMs: z.number(),
  lastAtMs: z.number(),
  attempts: z.number().int().positive(),
  because: z.string(),
  toldAtMs: z.number().nullable(),
});

/** A drill by schedule came to nothing. */
export type DrillMiss = { readonly because: string };

export const drillMissSchema: z.ZodType<DrillMiss> = z.object({ because });

/** A look by schedule came to nothing. */
export type DriftMiss = { readonly version: string; readonly because: string };

export const driftMissSchema: z.ZodType<DriftMiss> = z.object({
  version: z.string().min(1).max(200),
  because,
});
