// The routing table as it travels to gateways and rests on their disks.

import type { Client, Expectation, Pool, Table, Upstream, Version } from "@slipway/core";
import { z } from "zod";
import { answersPolicySchema } from "./answers.ts";
import { audienceSchema } from "./audience.ts";
import { dimensionsSchema } from "./segment.ts";

export const upstreamSchema: z.ZodType<Upstream> = z.object({
  id: z.string(),
  url: z.string(),
  model: z.string(),
  keyEnv: z.string().nullable(),
  caFile: z.string().min(1).exactOptional(),
  pool: z.string(),
  inFlightMax: z.number().int().positive(),
  concurrency: z.enum(["fixed", "adaptive"]),
  replicas: z.union([z.number().int().positive(), z.literal("elastic")]).exactOptional(),
});

const price = z.number().nonnegative();

const expectationSchema: z.ZodType<Expectation> = z.object({
  latency: z.number().positive().exactOptional(),
  ttft: z.number().positive().exactOptional(),
  tpot: z.number().positive().exactOptional(),
  "input-tokens": z.number().positive().exactOptional(),
  "output-tokens": z.number().positive().exactOptional(),
  cost: z.number().positive().exactOptional(),
});

export const versionSchema: z.ZodType<Version> = z.object({
  id: z.string(),
  upstreams: z.array(upstreamSchema).min(1),
  identity: z.record(z.string(), z.string()),
  fingerprint: z.string(),
  prices: z.object({ input: price, cached: price, output: price }).exactOptional(),
  contextTokensMax: z.number().int().positive().exactOptional(),
  expect: expectationSchema.exactOptional(),
});

const perMinute = z.number().positive().nullable();

export const poolSchema: z.ZodType<Pool> = z.object({
  name: z.string().min(1).max(200),
  requestsPerMinute: perMinute,
  tokensPerMinute: perMinute,
});

const route = z.object({
  model: z.string(),
  stable: versionSchema,
  split: z
    .object({
      rolloutId: z.string(),
      candidate: versionSchema,
      candidateSlots: z.number().int().min(0).max(10_000),
    })
    .nullable(),
  keys: z.object({
    header: z.string().nullable(),
    apiKeyIsUser: z.boolean(),
    withoutKey: z.enum(["stable", "per-request"]),
  }),
  audience: audienceSchema,
  evidence: z.object({
    tickMs: z.number().int().positive(),
    horizonMs: z.number().int().positive(),
    segments: dimensionsSchema,
  }),
  replay: z.object({ enabled: z.boolean(), budget: z.number().min(0).max(1) }),
  onRollback: z.literal("cut").exactOptional(),
  trip: z.object({ enabled: z.boolean(), failures: z.number().int().positive() }),
  answers: answersPolicySchema,
  lease: z.object({
    durationMs: z.number().int().positive(),
    onLapse: z.enum(["stable", "keep"]),
  }),
  priority: z.object({
    header: z.string().nullable(),
    background: z.array(z.string()),
    otherwise: z.enum(["interactive", "background"]),
  }),
  deadlineMs: z.number().int().positive(),
  drill: z.literal(true).exactOptional(),
  shed: z.literal(true).exactOptional(),
  mirror: z
    .object({
      id: z.string(),
      to: versionSchema,
      share: z.number().gt(0).max(1),
      copies: z.number().gt(0),
      again: z.number().min(0).max(1),
      inFlightMax: z.number().int().positive(),
      perMinuteMax: z.number().positive().nullable(),
      keep: z.boolean(),
    })
    .nullable(),
});

const CLIENTS_MAX = 1_000;
const KEYS_PER_CLIENT_MAX = 4;
const limit = z.number().int().positive().nullable();

const clientSchema: z.ZodType<Client> = z.object({
  name: z.string().min(1).max(128),
  keyHashes: z
    .array(z.string().regex(/^[0-9a-f]{64}$/, "a SHA-256 in hex"))
    .min(1)
    .max(KEYS_PER_CLIENT_MAX),
  models: z.array(z.string()).nullable(),
  requestsPerMinute: limit,
  tokensPerMinute: limit,
  inFlightMax: limit,
});

export const clientsSchema: z.ZodType<readonly Client[]> = z
  .array(clientSchema)
  .min(1)
  .max(CLIENTS_MAX)
  .refine((clients) => areDistinct(clients.map(({ name }) => name)), {
    message: "two clients have the same name",
  })
  .refine((clients) => areDistinct(clients.flatMap(({ keyHashes }) => keyHashes)), {
    message: "one key belongs to two clients, or is there twice",
  });

function areDistinct(values: readonly string[]): boolean {
  return new Set(values).size === values.length;
}

export const tableSchema: z.ZodType<Table> = z.object({
  storeId: z.string(),
  number: z.number().int().nonnegative(),
  mintedAtMs: z.number(),
  routes: z.array(route),
  clients: clientsSchema.nullable(),
  pools: z.array(poolSchema),
});
