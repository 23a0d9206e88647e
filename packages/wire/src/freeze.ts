// Freezes in the control API: windows as the configuration declares them, orders of operators, and the list of both.

import type { FreezeWindow, Said } from "@slipway/core";
import { isTimeZone } from "@slipway/core";
import { z } from "zod";

export const FREEZE_WINDOWS_MAX = 50;
/** Days on which a daily window may begin. */
const SPANS_MAX = 7;
const WEEK_MINUTES = 7 * 24 * 60;

const name = z.string().min(1).max(200);
const reason = z.string().max(2_000);

const windowBase = {
  name,
  reason,
  zone: z.string().max(100).refine(isTimeZone, { message: "no time zone that is known here" }),
};

const windowSchema: z.ZodType<FreezeWindow> = z.discriminatedUnion("kind", [
  z.object({
    ...windowBase,
    kind: z.literal("weekly"),
    spans: z
      .array(
        z.object({
          fromMinute: z.number().int().min(0).lt(WEEK_MINUTES),
          minutes: z.number().int().positive().max(WEEK_MINUTES),
        }),
      )
      .min(1)
      .max(SPANS_MAX),
  }),
  z
    .object({
      ...windowBase,
      kind: z.literal("dated"),
      fromLocalMs: z.number().int(),
      toLocalMs: z.number().int(),
    })
    .refine(({ fromLocalMs, toLocalMs }) => fromLocalMs < toLocalMs, {
      message: "it ends before it begins",
    }),
]);

export const freezeWindowsSchema: z.ZodType<readonly FreezeWindow[]> = z
  .array(windowSchema)
  .max(FREEZE_WINDOWS_MAX);

/** `model`: that one alone; every model where absent. */
export type FreezeStart = {
  readonly model?: string;
  /** Milliseconds since the epoch; until it is ended where absent. */
  readonly untilMs?: number;
  readonly by: string;
  readonly reason: string;
};

export const freezeStartSchema: z.ZodType<FreezeStart> = z.object({
  model: name.exactOptional(),
  untilMs: z.number().int().positive().exactOptional(),
  by: name,
  reason: reason.min(1),
});

export type FreezeEnd = { readonly model?: string; readonly by: string; readonly reason: string };

export const freezeEndSchema: z.ZodType<FreezeEnd> = z.object({
  model: name.exactOptional(),
  by: name,
  reason: reason.min(1),
});

/** Times in milliseconds since the epoch. */
export type FreezeView = {
  /** Null freezes every model. */
  readonly model: string | null;
  /** A window's name; "ordered" where an operator did. */
  readonly name: string;
  readonly reason: string;
  /** Who ordered it; null for a window of the configuration. */
  readonly by: string | null;
  readonly state: "in-effect" | "to-come" | "over";
  /** Of the stretch that is in effect, of the next one, or of the last; null where a window will not come again. */
  readonly sinceMs: number | null;
  readonly untilMs: number | null;
  readonly zone: string | null;
  /** Who ended an order; null where nobody has. */
  readonly ended: Said | null;
};

export const saidSchema: z.ZodType<Said> = z.object({
  atMs: z.number(),
  by: z.string(),
  reason: z.string(),
});

export const freezeViewSchema: z.ZodType<FreezeView> = z.object({
  model: z.string().nullable(),
  name: z.string(),
  reason: z.string(),
  by: z.string().nullable(),
  state: z.enum(["in-effect", "to-come", "over"]),
  sinceMs: z.number().nullable(),
  untilMs: z.number().nullable(),
  zone: z.string().nullable(),
  ended: saidSchema.nullable(),
});
