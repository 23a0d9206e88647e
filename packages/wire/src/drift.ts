// Watches for drift as they travel: how a model is watched, what a look or a baseline is made of, and what is shown of them.

import {
  BASELINE_ROUNDS,
  type DriftBaseline,
  type DriftEntry,
  type DriftLook,
  type DriftOrder,
  type DriftRound,
  type DriftWatch,
  type KnownProbe,
  type Lapse,
  type Upstream,
} from "@slipway/core";
import { z } from "zod";
import { cronSchema } from "./cron.ts";
import { lapseSchema } from "./lapse.ts";
import { upstreamSchema } from "./table.ts";

export const DRIFT_PROBES_MAX = 40;
/** Of one probe, with all that its request says. */
export const DRIFT_PROBE_LENGTH_MAX = 8_192;
const VERSIONS_MAX = 100;
const NAMES_MAX = 50;
/** Short names of a server's own: a longer one is cut by whoever asks. */
export const DRIFT_NAME_LENGTH_MAX = 200;

const count = z.number().int().nonnegative();
const id = z.string().min(1).max(DRIFT_NAME_LENGTH_MAX);
const hash = z.string().regex(/^[0-9a-f]{16,64}$/);
const by = z.string().min(1).max(200);
const names = z.array(z.string().max(DRIFT_NAME_LENGTH_MAX)).max(NAMES_MAX);
const share = z.number().gt(0).lt(1);

function bySignal<T>(schema: z.ZodType<T>): z.ZodType<{ text: T; length: T; ending: T }> {
  return z.object({ text: schema, length: schema, ending: schema });
}

const driftOrder = z.object({
  schedule: cronSchema.nullable(),
  versions: z.array(z.string()).max(VERSIONS_MAX),
  probes: z
    .array(z.object({ id, line: z.string().min(2).max(DRIFT_PROBE_LENGTH_MAX) }))
    .min(1)
    .max(DRIFT_PROBES_MAX),
  timeoutMs: z.number().positive(),
  falseAlarmMax: share,
  margin: share,
});

export const driftOrderSchema: z.ZodType<DriftOrder> = driftOrder;

/** As it is kept. One that was applied before schedules were read is shown too. */
const driftOrderKept = driftOrder.extend({ schedule: z.string().nullable() });

const driftRoundSchema: z.ZodType<DriftRound> = z.object({
  asked: count.max(DRIFT_PROBES_MAX),
  answers: z
    .array(
      z.object({ probe: id, text: hash, ending: z.string().max(50), tokens: count.nullable() }),
    )
    .max(DRIFT_PROBES_MAX)
    .refine((answers) => new Set(answers.map(({ probe }) => probe)).size === answers.length, {
      message: "a probe has two answers",
    }),
  models: names,
  backends: names,
});

/** A look at a version, against the baseline of this number. */
export type DriftLookRequest = {
  readonly version: string;
  readonly fingerprint: string;
  readonly baseline: number;
  readonly round: DriftRound;
  readonly by: string;
};

export const driftLookRequestSchema: z.ZodType<DriftLookRequest> = z.object({
  version: id,
  fingerprint: z.string(),
  baseline: count,
  round: driftRoundSchema,
  by,
});

/** A baseline in place of the one of number `replaces`; 0 for the first. */
export type DriftBaselineRequest = Omit<DriftLookRequest, "baseline" | "round"> & {
  readonly replaces: number;
  /** Hash of the probes that it is of. */
  readonly probes: string;
  readonly rounds: readonly DriftRound[];
  readonly reason: string;
};

export const driftBaselineRequestSchema: z.ZodType<DriftBaselineRequest> = z.object({
  version: id,
  fingerprint: z.string(),
  replaces: count,
  probes: hash,
  rounds: z.array(driftRoundSchema).length(BASELINE_ROUNDS),
  by,
  reason: z.string().min(1).max(2_000),
});

const knownProbe: z.ZodType<KnownProbe> = z.object({
  probe: z.string(),
  texts: z.array(z.string()),
  endings: z.array(z.string()),
  tokensMin: z.number().nullable(),
  tokensMax: z.number().nullable(),
});

const baselineSchema: z.ZodType<DriftBaseline> = z.object({
  number: count,
  atMs: z.number(),
  by: z.string(),
  reason: z.string(),
  probes: z.string(),
  known: z.array(knownProbe),
  agreement: bySignal(z.object({ alike: count, of: count, floor: z.number() })),
  models: z.array(z.string()),
  backends: z.array(z.string()),
  falseAlarmMax: z.number(),
});

const lookSchema: z.ZodType<DriftLook> = z.object({
  atMs: z.number(),
  by: z.string(),
  asked: count,
  answered: count,
  alike: bySignal(count),
  models: z.array(z.string()),
  newBackends: z.array(z.string()),
  counted: z.boolean(),
});

const watchSchema: z.ZodType<DriftWatch> = z.object({
  version: z.string(),
  fingerprint: z.string(),
  baseline: baselineSchema,
  looks: count,
  stakes: bySignal(z.array(z.number())),
  logE: z.number(),
  last: lookSchema.nullable(),
  alarm: z.object({ atMs: z.number(), because: z.string() }).nullable(),
});

const entrySchema: z.ZodType<DriftEntry> = z.object({
  kind: z.enum(["baseline", "alarm"]),
  version: z.string(),
  fingerprint: z.string(),
  atMs: z.number(),
  by: z.string(),
  text: z.string(),
});

export type DriftVersion = {
  readonly id: string;
  readonly fingerprint: string;
  readonly upstreams: readonly Upstream[];
  /** Whether it is looked at by schedule. */
  readonly scheduled: boolean;
  /** Null where it has no baseline. */
  readonly watch: DriftWatch | null;
  /** Since when it could not be looked at by schedule, and why; null where it could the last time. */
  readonly lapse: Lapse | null;
};

export type DriftView = {
  readonly model: string;
  /** As slipway.yaml has it; null where it has nothing. */
  readonly order: DriftOrder | null;
  readonly versions: readonly DriftVersion[];
  /** Baselines and alarms, the oldest first. */
  readonly entries: readonly DriftEntry[];
};

export const driftViewSchema: z.ZodType<DriftView> = z.object({
  model: z.string(),
  order: driftOrderKept.nullable(),
  versions: z.array(
    z.object({
      id: z.string(),
      fingerprint: z.string(),
      upstreams: z.array(upstreamSchema),
      scheduled: z.boolean(),
      watch: watchSchema.nullable(),
      lapse: lapseSchema.nullable(),
    }),
  ),
  entries: z.array(entrySchema),
});
