// Drills in the control API: who begins and ends one, and what is shown of those that there were.

import type { DrillOrder, DrillRecord, DrillUnderWay } from "@slipway/core";
import { z } from "zod";

const GATEWAYS_MAX = 50;

export type DrillAct = { readonly by: string };

export const drillActSchema: z.ZodType<DrillAct> = z.object({ by: z.string().min(1).max(200) });

export const drillOrderSchema: z.ZodType<DrillOrder> = z.object({
  schedule: z.string().min(1).max(200).nullable(),
  gateways: z.array(z.string()).min(1).max(GATEWAYS_MAX),
  keyEnv: z.string().nullable(),
  detectMsMax: z.number().positive(),
  confirmMsMax: z.number().positive(),
});

const drillUnderWaySchema: z.ZodType<DrillUnderWay> = z.object({
  rollout: z.string(),
  startedAtMs: z.number(),
  by: z.string(),
  faultAtMs: z.number().nullable(),
});

const drillRecordSchema: z.ZodType<DrillRecord> = z.object({
  rollout: z.string(),
  atMs: z.number(),
  by: z.string(),
  passed: z.boolean(),
  because: z.string(),
  detectMs: z.number().nullable(),
  confirmMs: z.number().nullable(),
  expired: z.array(z.string()),
});

export type DrillsView = {
  readonly model: string;
  /** What synthetic users call while one is under way. */
  readonly standIn: string;
  /** As slipway.yaml has it, or the defaults. */
  readonly order: DrillOrder;
  /** Null where none is under way. */
  readonly drilling: DrillUnderWay | null;
  /** The oldest first. */
  readonly drills: readonly DrillRecord[];
};

export const drillsViewSchema: z.ZodType<DrillsView> = z.object({
  model: z.string(),
  standIn: z.string(),
  order: drillOrderSchema,
  drilling: drillUnderWaySchema.nullable(),
  drills: z.array(drillRecordSchema),
});
