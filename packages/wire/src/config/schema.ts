// slipway.yaml as one zod schema: what it reads, its defaults, and, generated from it, the JSON Schema that
// editors complete and validate by.

import type {
  Client,
  FreezeWindow,
  NotificationSettings,
  Policy,
  Pool,
  StatusSettings,
  Version,
} from "@slipway/core";
import { z } from "zod";
import { count } from "./fields/field.ts";
import { nameField } from "./fields/name-field.ts";
import { type PreflightDraft, preflightSchema } from "./preflight/preflight-schema.ts";
import { clientsSchema } from "./schemas/client-schema.ts";
import { freezeSchema } from "./schemas/freeze-schema.ts";
import { mailSchema } from "./schemas/mail-schema.ts";
import { notificationsSchema } from "./schemas/notification-schema.ts";
import { policySchema } from "./schemas/policy-schema.ts";
import { statusSchema } from "./schemas/status-schema.ts";
import { type SubscriptionSettings, subscriptionsSchema } from "./schemas/subscription-schema.ts";
import { NAME_PATTERN, versionSchema } from "./schemas/version-schema.ts";

/** A model as the file gives it: a ModelDocument whose versions have no fingerprint yet. */
export type ModelDraft = {
  readonly name: string;
  readonly stable: string;
  readonly versions: readonly Omit<Version, "fingerprint">[];
  readonly policy: Policy;
  readonly freeze?: readonly FreezeWindow[];
  readonly preflight?: PreflightDraft;
};

const name = z.string().regex(new RegExp(NAME_PATTERN));

const model = z
  .strictObject({
    stable: nameField(
      "The version that serves when the model is new; afterwards only rollouts change it.",
    ),
    versions: z
      .record(name, versionSchema)
      .refine((versions) => Object.keys(versions).length > 0)
      .meta({
        title: "versions",
        description: "The versions of this model, by name.",
        minProperties: 1,
      }),
    policy: policySchema.prefault({}),
    freeze: freezeSchema.optional(),
    preflight: preflightSchema.optional(),
  })
  .meta({ title: "a model" })
  .transform(
    (m): Omit<ModelDraft, "name"> => ({
      stable: m.stable,
      versions: Object.entries(m.versions).map(([id, draft]) => draft(id)),
      policy: m.policy,
      ...(m.freeze === undefined ? {} : { freeze: m.freeze }),
      ...(m.preflight === undefined ? {} : { preflight: m.preflight }),
    }),
  );

const pool = z
  .strictObject({
    "requests-per-minute": count("Requests a minute, over all gateways.", { min: 1 }).optional(),
    "tokens-per-minute": count("Tokens a minute, in and out, over all gateways.", {
      min: 1,
      max: 1_000_000_000_000,
    }).optional(),
  })
  .meta({ title: "a pool" })
  .transform(
    (p): Omit<Pool, "name"> => ({
      requestsPerMinute: p["requests-per-minute"] ?? null,
      tokensPerMinute: p["tokens-per-minute"] ?? null,
    }),
  );

/** Top-level keys that start like this are the team's own: a place for YAML anchors. */
export const OWN_KEY = "x-";

/** The file's own content, before its versions have fingerprints. */
export type ConfigDraft = {
  readonly models: readonly ModelDraft[];
  /** Null where the file has none: everyone may call. */
  readonly clients: readonly Client[] | null;
  readonly pools: readonly Pool[];
  readonly freeze?: readonly FreezeWindow[];
  readonly status?: StatusSettings;
  readonly notifications?: NotificationSettings;
  /** Null where readers cannot subscribe. */
  readonly subscriptions: SubscriptionSettings | null;
};

export const configSchema: z.ZodType<ConfigDraft> = z
  .strictObject({
    models: z
      .record(name, model)
      .refine((models) => Object.keys(models).length > 0)
      .meta({
        title: "models",
        description: "The models that clients call, by name.",
        minProperties: 1,
      }),
    pools: z
      .record(z.string().min(1).max(200), pool)
      .meta({
        title: "pools",
        description: "The quotas of pools, by the name that upstreams give as their pool.",
      })
      .prefault({}),
    clients: clientsSchema.optional(),
    freeze: freezeSchema.optional(),
    status: statusSchema.optional(),
    mail: mailSchema.optional(),
    notifications: notificationsSchema.optional(),
    subscriptions: subscriptionsSchema.optional(),
  })
  .meta({ title: "slipway.yaml", patternProperties: { [`^${OWN_KEY}`]: {} } })
  .transform(
    ({
      models,
      pools,
      clients,
      freeze,
      status,
      mail,
      notifications,
      subscriptions,
    }): ConfigDraft => ({
      models: Object.entries(models).map(([modelName, m]) => ({ name: modelName, ...m })),
      pools: Object.entries(pools)
        .map(([poolName, p]) => ({ name: poolName, ...p }))
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
      clients: clients ?? null,
      subscriptions: subscriptions ?? null,
      ...(freeze === undefined ? {} : { freeze }),
      ...(status === undefined ? {} : { status }),
      ...(mail === undefined && notifications === undefined
        ? {}
        : { notifications: { mail: mail ?? null, targets: notifications ?? [] } }),
    }),
  );

export type JsonSchema = { readonly [keyword: string]: unknown };

/** The JSON Schema (draft 7, which editors know best) of what may be written in the file. */
export function configJsonSchema(): JsonSchema {
  return z.toJSONSchema(configSchema, { io: "input", target: "draft-7" });
}
