// Preflight as it travels: what a model's rollouts need before they start, what gates found, and what of it a rollout
// started with.

import {
  type Figure,
  GATE_OUTCOMES,
  GATES,
  type GateAtStart,
  type GateEvidence,
  type GateName,
  type GateResult,
  GRADES_OF_EVIDENCE,
  type Json,
  type LessonFinding,
  type PreflightLease,
  type PreflightPolicy,
  type SeenVersion,
} from "@slipway/core";
import { z } from "zod";
import { LESSONS_MAX } from "./policy.ts";

const FIGURES_MAX = 500;
const TEXT_MAX = 2_000;
/** Of a gate's own details, as JSON; larger ones stay in the report. */
const DETAILS_LENGTH_MAX = 128 * 1024;

const gateNameSchema: z.ZodEnum<{ [gate in GateName]: gate }> = z.enum(GATES);

const digest = z.string().regex(/^[0-9a-f]{64}$/);

export const preflightPolicySchema: z.ZodType<PreflightPolicy> = z.object({
  required: z.array(gateNameSchema).max(GATES.length),
  evidenceAgeMsMax: z.number().int().positive(),
  settings: z.partialRecord(gateNameSchema, digest).exactOptional(),
});

/** What a gate was overridden with, by whoever starts a rollout. */
export type GateOverride = { readonly gate: GateName; readonly reason: string };

export const gateOverrideSchema: z.ZodType<GateOverride> = z.object({
  gate: gateNameSchema,
  reason: z.string().min(1).max(TEXT_MAX),
});

const seenVersion: z.ZodType<SeenVersion> = z.object({
  version: z.string().min(1).max(200),
  fingerprint: z.string().min(1).max(200),
});

const figure: z.ZodType<Figure> = z.object({
  name: z.string().max(200),
  value: z.number(),
  unit: z.string().max(50),
  interval: z.tuple([z.number(), z.number()]).nullable(),
  limit: z.number().nullable(),
  holds: z.boolean().nullable(),
  of: z.string().max(TEXT_MAX).nullable(),
});

/** What JSON.parse made of a text is JSON; z.json() says so too, and has no place in an OpenAPI document. */
const anyJson = z.unknown() as z.ZodType<Json | undefined>;

function isShort(value: Json | undefined): value is Json {
  return value !== undefined && JSON.stringify(value).length <= DETAILS_LENGTH_MAX;
}

const details: z.ZodType<Json> = anyJson.refine(isShort, {
  message: `more than ${DETAILS_LENGTH_MAX} characters of JSON`,
});

const lessonFinding: z.ZodType<LessonFinding> = z.object({
  id: z.string().min(1).max(400),
  holds: z.boolean().nullable(),
  because: z.string().max(TEXT_MAX),
});

const gateResult: z.ZodType<GateResult> = z.object({
  gate: gateNameSchema,
  outcome: z.enum(GATE_OUTCOMES),
  because: z.string().max(TEXT_MAX),
  figures: z.array(figure).max(FIGURES_MAX),
  details,
  lessons: z.array(lessonFinding).max(LESSONS_MAX).exactOptional(),
});

export const gateEvidenceSchema: z.ZodType<GateEvidence> = z.object({
  from: seenVersion,
  to: seenVersion,
  result: gateResult,
  grade: z.enum(GRADES_OF_EVIDENCE),
  settings: digest.nullable(),
  atMs: z.number(),
  by: z.string().min(1).max(200),
  slipwayVersion: z.string().max(50),
});

/** What a preflight leaves with the controller. */
export type EvidenceRequest = {
  readonly from: SeenVersion;
  readonly to: SeenVersion;
  readonly gates: readonly Pick<GateEvidence, "result" | "grade" | "settings">[];
  /** Number of the lease that it was found under; absent where it was found under none. */
  readonly lease?: number;
  /** Milliseconds since the epoch; what lies ahead counts as now. */
  readonly endedAtMs: number;
  readonly by: string;
  readonly slipwayVersion: string;
};

export const evidenceRequestSchema: z.ZodType<EvidenceRequest> = z.object({
  from: seenVersion,
  to: seenVersion,
  gates: z
    .array(
      z.object({
        result: gateResult,
        grade: z.enum(GRADES_OF_EVIDENCE),
        settings: digest.nullable(),
      }),
    )
    .min(1)
    .max(GATES.length),
  lease: z.number().int().positive().exactOptional(),
  endedAtMs: z.number(),
  by: z.string().min(1).max(200),
  slipwayVersion: z.string().max(50),
});

/** Who is about to run which gates. */
export type LeaseRequest = Pick<PreflightLease, "by" | "to" | "gates">;

const leaseFields = {
  by: z.string().min(1).max(200),
  to: z.string().min(1).max(200),
  gates: z.array(gateNameSchema).min(1).max(GATES.length),
};

export const leaseRequestSchema: z.ZodType<LeaseRequest> = z.object(leaseFields);

/** Which lease is renewed, or given back. */
export type LeaseAct = Pick<PreflightLease, "number">;

export const leaseActSchema: z.ZodType<LeaseAct> = z.object({
  number: z.number().int().positive(),
});

export const preflightLeaseSchema: z.ZodType<PreflightLease> = z.object({
  ...leaseFields,
  number: z.number().int().positive(),
  startedAtMs: z.number(),
  expiresAtMs: z.number(),
  endedAtMs: z.number().nullable(),
});

export const gateAtStartSchema: z.ZodType<GateAtStart> = z.object({
  gate: gateNameSchema,
  outcome: z.enum(GATE_OUTCOMES).nullable(),
  because: z.string(),
  atMs: z.number().nullable(),
  overridden: z.object({ atMs: z.number(), by: z.string(), reason: z.string() }).nullable(),
});

const report = z.looseObject({
  gates: z.array(
    z.looseObject({
      result: z.looseObject({
        because: z.string(),
        figures: z.array(figure),
        details: z.json(),
        lessons: z.array(lessonFinding).exactOptional(),
      }),
    }),
  ),
});

/** What a report of a preflight, which has all details, has for a controller; null where it is no report. */
export function evidenceIn(value: unknown): EvidenceRequest | null {
  const read = report.safeParse(value);
  if (!read.success) return null;
  const gates = read.data.gates.map((gate) => ({ ...gate, result: sendable(gate.result) }));
  return evidenceRequestSchema.safeParse({ ...read.data, gates }).data ?? null;
}

/** As it may be sent: figures up to a number, details up to a length. */
export function sendable<R extends Pick<GateResult, "because" | "figures" | "details" | "lessons">>(
  result: R,
): R {
  const { because, figures, details: own, lessons } = result;
  const short = lessons?.map((one) => ({ ...one, because: one.because.slice(0, TEXT_MAX) }));
  return {
    ...result,
    ...(short === undefined ? {} : { lessons: short }),
    because: because.slice(0, TEXT_MAX),
    figures: figures.slice(0, FIGURES_MAX),
    details: JSON.stringify(own).length > DETAILS_LENGTH_MAX ? null : own,
  };
}
