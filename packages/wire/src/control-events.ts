// A rollout's controls, and the journal's events that set them, as schemas.

import type { ControlEvent, Controls, Freeze, Frozen } from "@slipway/core";
import { z } from "zod";
import { saidSchema } from "./freeze.ts";

const said = { atMs: z.number(), by: z.string(), reason: z.string() };

const freezeFields = {
  key: z.string(),
  name: z.string(),
  reason: z.string(),
  by: z.string().nullable(),
  sinceMs: z.number(),
  untilMs: z.number().nullable(),
};

const freezeSchema: z.ZodType<Freeze> = z.object(freezeFields);

const frozenSchema: z.ZodType<Frozen> = z.object({
  ...freezeFields,
  overridden: saidSchema.nullable(),
});

export const controlsSchema: z.ZodType<Controls> = z.object({
  approvals: z.array(saidSchema),
  freezes: z.array(frozenSchema),
  observing: saidSchema.nullable(),
  isReturn: z.boolean(),
});

export const controlEventSchema: z.ZodType<ControlEvent> = z.discriminatedUnion("type", [
  z.object({ type: z.literal("approved"), stage: z.number().int().nonnegative(), ...said }),
  z.object({ type: z.literal("observed"), on: z.boolean(), ...said }),
  z.object({ type: z.literal("froze"), atMs: z.number(), freeze: freezeSchema }),
  z.object({
    type: z.literal("thawed"),
    atMs: z.number(),
    key: z.string(),
    ended: saidSchema.nullable(),
  }),
  z.object({ type: z.literal("overrode"), ...said }),
  z.object({ type: z.literal("acknowledged"), codes: z.array(z.string()), ...said }),
]);
