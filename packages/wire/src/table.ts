// The routing table as it travels to gateways and rests on their disks.

import type { Table, Version } from "@slipway/core";
import { z } from "zod";

const upstream = z.object({
  id: z.string(),
  url: z.string(),
  model: z.string(),
  keyEnv: z.string().nullable(),
  pool: z.string(),
  inFlightMax: z.number().int().positive(),
});

export const versionSchema: z.ZodType<Version> = z.object({
  id: z.string(),
  upstreams: z.array(upstream).min(1),
  identity: z.record(z.string(), z.string()),
  fingerprint: z.string(),
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
  evidence: z.object({
    tickMs: z.number().int().positive(),
    horizonMs: z.number().int().positive(),
    segmentHeader: z.string().nullable(),
  }),
  replay: z.object({ enabled: z.boolean(), budget: z.number().min(0).max(1) }),
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
});

export const tableSchema: z.ZodType<Table> = z.object({
  storeId: z.string(),
  number: z.number().int().nonnegative(),
  mintedAtMs: z.number(),
  routes: z.array(route),
});
