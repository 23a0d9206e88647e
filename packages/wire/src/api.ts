// The control API's shapes: what `slipway` and the console send, and what they are shown. Requests are parsed
// by the schemas beside their types; what the controller answers is described in views.ts.

import {
  type Because,
  type Client,
  COMMANDS,
  type Command,
  type Controls,
  type Decision,
  type Forecast,
  type FreezeWindow,
  GATES,
  type GateAtStart,
  type Model,
  type NotificationSettings,
  type Phase,
  type Policy,
  type Pool,
  type Representation,
  type Requirement,
  type RolloutEvent,
  type ServingArm,
  type Slices,
  type SplitFinding,
  type StageCounts,
  type StatusSettings,
  type TrendVerdict,
  type Verdict,
} from "@slipway/core";
import { z } from "zod";
import type { OpenPage } from "./because.ts";
import { driftOrderSchema } from "./drift.ts";
import { drillOrderSchema } from "./drill.ts";
import { freezeWindowsSchema } from "./freeze.ts";
import { notificationSettingsSchema } from "./notification.ts";
import { policySchema } from "./policy.ts";
import { type GateOverride, gateOverrideSchema, preflightPolicySchema } from "./preflight.ts";
import { statusSettingsSchema } from "./status.ts";
import { clientsSchema, poolSchema, versionSchema } from "./table.ts";

/**
 * A model as `apply` sends it: what slipway.yaml says, normalised and with fingerprints. Its `stable` is used when the model
 * is new; afterwards only rollouts change what is stable.
 */
export type ModelDocument = Omit<Model, "drillOf">;

const MODELS_MAX = 500;
const VERSIONS_MAX = 100;
const POOLS_MAX = 500;
const name = z.string().min(1).max(200);
/** Who did it, as they call themselves. */
const by = z.string().min(1).max(200);
const reason = z.string().max(2_000);

export const modelDocumentSchema: z.ZodType<ModelDocument> = z
  .object({
    name,
    stable: z.string(),
    versions: z.array(versionSchema).min(1).max(VERSIONS_MAX),
    policy: policySchema,
    freeze: freezeWindowsSchema.exactOptional(),
    preflight: preflightPolicySchema.exactOptional(),
    drill: drillOrderSchema.exactOptional(),
    drift: driftOrderSchema.exactOptional(),
  })
  .refine((model) => new Set(model.versions.map(({ id }) => id)).size === model.versions.length, {
    message: "two versions have the same id",
    path: ["versions"],
  })
  .refine((model) => model.versions.some(({ id }) => id === model.stable), {
    message: "stable names no version of this model",
    path: ["stable"],
  });

/** The whole configuration: a model that it does not name is removed. */
export type ApplyRequest = ConfigDocument & { readonly by: string };

/** What a slipway.yaml says. */
export type ConfigDocument = {
  readonly models: readonly ModelDocument[];
  /** Who may call; null lets everyone in. */
  readonly clients: readonly Client[] | null;
  /** Quotas of pools, all of them. */
  readonly pools: readonly Pool[];
  /** When no rollout of any model moves forwards; never where absent. */
  readonly freeze?: readonly FreezeWindow[];
  /** What the status page shows and when; the defaults where absent. */
  readonly status?: StatusSettings;
  /** Who is told what; nobody where absent. */
  readonly notifications?: NotificationSettings;
};

export const applyRequestSchema: z.ZodType<ApplyRequest> = z.object({
  models: z
    .array(modelDocumentSchema)
    .max(MODELS_MAX)
    .refine((models) => new Set(models.map((model) => model.name)).size === models.length, {
      message: "two models have the same name",
    }),
  clients: clientsSchema.nullable(),
  pools: z
    .array(poolSchema)
    .max(POOLS_MAX)
    .refine((pools) => new Set(pools.map((pool) => pool.name)).size === pools.length, {
      message: "two pools have the same name",
    }),
  freeze: freezeWindowsSchema.exactOptional(),
  status: statusSettingsSchema.exactOptional(),
  notifications: notificationSettingsSchema.exactOptional(),
  by,
});

export type ApplyResult = {
  readonly table: number;
  readonly created: readonly string[];
  readonly changed: readonly string[];
  readonly unchanged: readonly string[];
  /** Models that the controller had and the request does not name. */
  readonly removed: readonly string[];
  /** What the file says and the controller did not do, and why. */
  readonly warnings: readonly string[];
};

export type ModelView = {
  readonly name: string;
  readonly stable: string;
  readonly versions: readonly {
    readonly id: string;
    readonly fingerprint: string;
    readonly upstreams: number;
  }[];
  /** The rollout under way; null for none. */
  readonly rollout: string | null;
  /** The version kept for a one-step revert, and until when (milliseconds since the epoch). */
  readonly warm: {
    readonly version: string;
    readonly untilMs: number;
    readonly rollout: string;
  } | null;
  /** What is done by schedule (cron expressions): drills, and looks for drift at some of its versions. */
  readonly schedules: {
    readonly drill: string | null;
    readonly drift: { readonly cron: string; readonly versions: readonly string[] } | null;
  };
};

export type StartRequest = {
  readonly model: string;
  readonly to: string;
  /** Starts although another rollout, or a mirror, uses a pool of it. False where absent. */
  readonly sharePools?: boolean;
  /** It only says what it would do, until an operator has it act. */
  readonly observe?: boolean;
  /** Why it starts although the model is frozen. */
  readonly override?: string;
  /** Gates without whose pass it starts, and why. */
  readonly withoutGates?: readonly GateOverride[];
  readonly by: string;
  readonly reason: string;
};

export const startRequestSchema: z.ZodType<StartRequest> = z.object({
  model: name,
  to: name,
  sharePools: z.boolean().exactOptional(),
  observe: z.boolean().exactOptional(),
  override: reason.min(1).exactOptional(),
  withoutGates: z.array(gateOverrideSchema).max(GATES.length).exactOptional(),
  by,
  reason,
});

export type CommandBody = {
  readonly command: Command;
  /** For `promote` only; `next` where absent. */
  readonly to?: "next" | "end";
  readonly by: string;
  readonly reason: string;
  /** Refused with `conflict` when the rollout's journal has moved on since. */
  readonly ifSequence?: number;
};

export const commandBodySchema: z.ZodType<CommandBody> = z.object({
  command: z.enum(COMMANDS),
  to: z.enum(["next", "end"]).exactOptional(),
  by,
  reason,
  ifSequence: z.number().int().nonnegative().exactOptional(),
});

export type JournalEntry = {
  readonly rolloutId: string;
  /** 1, 2, 3, … within the rollout. */
  readonly sequence: number;
  readonly event: RolloutEvent;
  /** SHA-256 (hex) over the previous entry's hash and this entry's stored text. */
  readonly hash: string;
};

/** One arm over the last mature window. Times in milliseconds; null for no data. */
export type ArmView = {
  readonly arm: ServingArm;
  readonly version: string;
  readonly requestsPerSecond: number;
  readonly counted: number;
  readonly bad: number;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  readonly ttftP99Ms: number | null;
};

/** What users and their clients said about an arm's answers. */
export type FeedbackView = {
  readonly accepted: number;
  readonly rejected: number;
  readonly ratings: { readonly up: number; readonly neutral: number; readonly down: number };
  readonly reasons: { readonly [reason: string]: number };
  readonly health: {
    readonly reports: number;
    readonly crashes: number;
    /** 95 of 100 reports have no more; null for none. */
    readonly memoryP95MiB: number | null;
    readonly uiP95Ms: number | null;
    readonly versions: { readonly [version: string]: { reports: number; crashes: number } };
  };
};

export type TotalsView = {
  readonly arrivals: number;
  readonly bad: number;
  /** Of the bad ones, those that a replay to stable hid from the user. */
  readonly spared: number;
  /** Estimated number of different users. */
  readonly users: number;
  /** Relative standard error of that estimate. */
  readonly usersError: number;
  readonly feedback: FeedbackView | null;
  /** The dimensions beside the segment: requests and failures by value. */
  readonly slices: Slices;
  readonly segments: {
    readonly [segment: string]: {
      arrivals: number;
      bad: number;
      users: number;
      accepted: number;
      rejected: number;
    };
  };
};

export type RolloutView = {
  readonly id: string;
  readonly model: string;
  readonly from: string;
  readonly to: string;
  readonly startedAtMs: number;
  readonly startedBy: string;
  readonly reason: string;
  readonly phase: Phase;
  readonly sequence: number;
  readonly table: number;
  readonly policy: Policy;
  readonly controls: Controls;
  /** What it started with, of each gate that its model needed; none needed where absent. */
  readonly gates?: readonly GateAtStart[];
  /** Users on the candidate, in percent, as the current phase wants it. */
  readonly candidatePercent: number;
  readonly decision: Decision;
  /** What a person must look at now: what is wrong at present, then what last moved the rollout. At most one of a code. */
  readonly pages: readonly OpenPage[];
  readonly requirements: readonly Requirement[];
  readonly verdicts: readonly Verdict[];
  readonly trends: readonly TrendVerdict[];
  /** Null where nothing is split. */
  readonly split: SplitFinding | null;
  /** Null where requests are not told apart, or nothing is split. */
  readonly representation: Representation | null;
  readonly arms: { readonly stable: ArmView; readonly candidate: ArmView };
  /** What has arrived since the current stage began. */
  readonly stage: StageCounts;
  readonly totals: { readonly stable: TotalsView; readonly candidate: TotalsView };
  readonly gateways: {
    /** Members with a lease. */
    readonly of: number;
    /** Of those, members that have confirmed the current phase's table. */
    readonly confirmed: number;
    /** Members whose lease ended without a goodbye. */
    readonly expired: readonly string[];
  };
  readonly drainedMs: number | null;
  /** What the next stage will be like; null while that is not told, or none with more load follows. */
  readonly forecast: Forecast | null;
  /** Requests whose evidence came after their tick had been judged, or was beyond a limit; in no other number. */
  readonly lateRequests: number;
  /** The newest journal entries, oldest first, at most 20. */
  readonly recent: readonly JournalEntry[];
};

/** One line of the list. */
export type RolloutSummary = {
  readonly id: string;
  readonly model: string;
  readonly from: string;
  readonly to: string;
  readonly startedAtMs: number;
  readonly phase: Phase["kind"];
  /** When it came into its phase. */
  readonly phaseSinceMs: number;
  readonly candidatePercent: number;
  /** Why it last moved; null where it has not, or where that is not known any more. */
  readonly because: Because | null;
  /** Why it does not move now; null where it is about to, and where it has finished. */
  readonly held: Because | null;
  /** What a person must look at now: what is wrong at present, then what last moved the rollout. At most one of a code. */
  readonly pages: readonly OpenPage[];
};

/** One incarnation of a gateway worker, as the controller knows it. Times in milliseconds since the epoch. */
export type MemberView = {
  readonly incarnation: string;
  readonly gateway: string;
  readonly worker: number;
  /** `waiting`: it has not confirmed a table under which it could have had a lease. */
  readonly state: "leased" | "waiting" | "expired" | "left";
  readonly joinedAtMs: number;
  readonly seenAtMs: number;
  readonly confirmedTable: number | null;
  /** How long its lease still lasts; 0 without one. */
  readonly leaseLeftMs: number;
  readonly candidateInFlight: number;
  readonly diverted: readonly string[];
  readonly rowsDropped: number;
};

export type VerifyResult = {
  readonly ok: boolean;
  readonly rollouts: number;
  readonly entries: number;
  /** Decisions that were made again from their stored evidence and came out the same. */
  readonly replayed: number;
  readonly problems: readonly {
    readonly rolloutId: string;
    readonly sequence: number;
    readonly problem: string;
  }[];
};

/** Every error answer of the control API. */
export type ErrorBody = {
  readonly error: { readonly code: string; readonly message: string; readonly fix: string | null };
};
