// Rings and exclusions as they travel, in policies and in tables.

import type { AudiencePolicy, Matchers, Ring } from "@slipway/core";
import { z } from "zod";

const RINGS_MAX = 20;
export const MATCHED_KEYS_MAX = 10_000;
/** Prefixes and headers are tried one by one. */
export const MATCHERS_MAX = 50;

const text = z.string().min(1).max(1_024);

const matchersSchema: z.ZodType<Matchers> = z.object({
  keys: z.array(text).max(MATCHED_KEYS_MAX),
  keyPrefixes: z.array(text).max(MATCHERS_MAX),
  headers: z
    .array(z.object({ name: z.string().regex(/^[a-z0-9-]+$/), value: text }))
    .max(MATCHERS_MAX),
  clients: z.array(text).max(MATCHED_KEYS_MAX),
});

const ringSchema: z.ZodType<Ring> = z.object({
  name: z.string().min(1).max(64),
  fromPercent: z.number().min(0).max(100),
  members: matchersSchema,
});

export const audienceSchema: z.ZodType<AudiencePolicy> = z.object({
  rings: z
    .array(ringSchema)
    .max(RINGS_MAX)
    .refine((rings) => new Set(rings.map(({ name }) => name)).size === rings.length, {
      message: "two rings have the same name",
    }),
  exclude: matchersSchema,
  conversations: z.enum(["stay", "move"]),
});
