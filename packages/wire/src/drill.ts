// Drills in the control API: who begins and ends one, and what is shown of those that there were.

import {
  DRILL_FAULTS,
  type DrillFault,
  type DrillOrder,
  type DrillRecord,
  type DrillUnderWay,
  type Lapse,
} from "@slipway/core";
import { z } from "zod";
import { cronSchema } from "./cron.ts";
import { BECAUSE_LENGTH_MAX, lapseSchema } from "./lapse.ts";

const GATEWAYS_MAX = 50;

export type DrillAct = { readonly by: string };

/** `because`: what broke it off; absent where it came to its end. */
export type DrillEnding = DrillAct & { readonly because?: string };

/** How the synthetic users of a drill will fail; by default they cannot connect. */
export type DrillStart = DrillAct & { readonly fault?: DrillFault };

const drillFault = z.enum(DRILL_FAULTS);

export const drillActSchema: z.ZodType<DrillAct> = z.object({ by: z.string().min(1).max(200) });

export const drillEndingSchema: z.ZodType<DrillEnding> = z.object({
  by: z.string().min(1).max(200),
  because: z.string().min(1).max(BECAUSE_LENGTH_MAX).exactOptional(),
});

export const drillStartSchema: z.ZodType<DrillStart> = z.object({
  by: z.string().min(1).max(200),
  fault: drillFault.exactOptional(),
});

const drillOrder = z.object({
  schedule: cronSchema.nullable(),
  gateways: z.array(z.string()).min(1).max(GATEWAYS_MAX),
  keyEnv: z.string().nullable(),
  detectMsMax: z.number().positive(),
  confirmMsMax: z.number().positive(),
});

export const drillOrderSchema: z.ZodType<DrillOrder> = drillOrder;

/** As it is kept. One that was applied before schedules were read is shown too. */
const drillOrderKept = drillOrder.extend({ schedule: z.string().nullable() });

const drillUnderWaySchema: z.ZodType<DrillUnderWay> = z.object({
  rollout: z.string(),
  startedAtMs: z.number(),
  by: z.string(),
  fault: drillFault,
  faultAtMs: z.number().nullable(),
});

const drillRecordSchema: z.ZodType<DrillRecord> = z.object({
  rollout: z.string(),
  atMs: z.number(),
  by: z.string(),
  fault: drillFault,
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
  /** Since when none could be run by schedule, and why; null where one could the last time. */
  readonly lapse: Lapse | null;
  /** When a request of the model is judged, at the latest: sooner nobody can tell that it hangs. */
  readonly horizonMs: number;
};

export const drillsViewSchema: z.ZodType<DrillsView> = z.object({
  model: z.string(),
  standIn: z.string(),
  order: drillOrderKept,
  drilling: drillUnderWaySchema.nullable(),
  drills: z.array(drillRecordSchema),
  lapse: lapseSchema.nullable(),
  horizonMs: z.number().positive(),
});
