// Incidents as the control API answers them: one with everything that is known of it, or a line of the list.

import type {
  Beyond,
  Counts,
  Impact,
  Incident,
  Mitigation,
  Opening,
  SegmentImpact,
  TimelineItem,
} from "@slipway/core";
import { SEVERITIES } from "@slipway/core";
import { z } from "zod";
import { becauseSchema } from "./because.ts";

/** Times in milliseconds since the epoch. */
export type IncidentSummary = Pick<
  Incident,
  "id" | "rolloutId" | "model" | "from" | "to" | "status" | "severity" | "openedAtMs"
> & {
  readonly kind: Opening["kind"];
  readonly because: Opening["because"];
  readonly mitigatedAtMs: number | null;
  /** Requests that users saw harmed, and all of the model's while it lasted. */
  readonly harmed: number;
  readonly requests: number;
};

const count = z.number().int().nonnegative();
const severity = z.enum(SEVERITIES);
const status = z.enum(["open", "mitigated"]);
const kind = z.enum(["roll-back", "step-back", "trip", "page", "observed"]);

export const incidentSummarySchema: z.ZodType<IncidentSummary> = z.object({
  id: z.string(),
  rolloutId: z.string(),
  model: z.string(),
  from: z.string(),
  to: z.string(),
  status,
  severity,
  kind,
  because: becauseSchema,
  openedAtMs: z.number(),
  mitigatedAtMs: z.number().nullable(),
  harmed: count,
  requests: count,
});

const openingSchema: z.ZodType<Opening> = z.object({
  sequence: count,
  atMs: z.number(),
  kind,
  because: becauseSchema,
  by: z.string().nullable(),
  percent: z.number(),
});

const mitigationSchema: z.ZodType<Mitigation> = z.object({
  atMs: z.number(),
  how: z.enum(["rolled-back", "stepped-back", "recovered", "went-on"]),
  confirmMs: z.number().nullable(),
  expired: z.array(z.string()),
});

const beyondSchema: z.ZodType<Beyond> = z.object({
  failed: count,
  slow: count.nullable(),
  unanswered: count,
  harmed: count,
});

const counts = {
  requests: count,
  failed: count,
  spared: count,
  slow: count.nullable(),
  unanswered: count,
  tokens: z.object({ input: z.number(), output: z.number() }),
  users: count,
  exposedMs: z.number(),
  beyond: beyondSchema.nullable(),
};
const countsSchema: z.ZodType<Counts> = z.object(counts);
const segmentImpactSchema: z.ZodType<SegmentImpact> = z.object({ segment: z.string(), ...counts });

const impactSchema: z.ZodType<Impact> = z.object({
  fromMs: z.number(),
  toMs: z.number(),
  ticks: count,
  isComplete: z.boolean(),
  missing: z.array(z.string()),
  against: z.enum(["stable", "before"]),
  slowerThanMs: z.number().nullable(),
  usersError: z.number(),
  candidate: countsSchema,
  stable: countsSchema,
  segments: z.array(segmentImpactSchema),
});

const timelineItemSchema: z.ZodType<TimelineItem> = z.object({
  atMs: z.number(),
  sequence: count.nullable(),
  who: z.enum(["slipway", "operator", "gateway", "evidence"]),
  by: z.string().nullable(),
  what: z.string(),
  why: z.string(),
});

export const incidentSchema: z.ZodType<Incident> = z.object({
  id: z.string(),
  rolloutId: z.string(),
  model: z.string(),
  from: z.string(),
  to: z.string(),
  status,
  severity,
  opening: openingSchema,
  openedAtMs: z.number(),
  detectedAtMs: z.number(),
  began: z.object({ atMs: z.number(), text: z.string() }).nullable(),
  trigger: z
    .object({ atMs: z.number(), what: z.string(), delayMs: z.number().nullable() })
    .nullable(),
  mitigated: mitigationSchema.nullable(),
  impact: impactSchema,
  timeline: z.array(timelineItemSchema),
});
