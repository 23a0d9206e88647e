// What the route definitions share: their schemas under the names that the OpenAPI document gives them, and the
// shapes of bodies, answers and streams.

import { z } from "@hono/zod-openapi";
import {
  type ErrorBody,
  errorBodySchema,
  type JournalEntry,
  journalEntrySchema,
  type RolloutView,
  rolloutViewSchema,
} from "@slipway/wire";
import type { Controller } from "../../controller.ts";
import type { Log } from "../../ports.ts";
import type { Readings } from "../../reading/readings.ts";

/** What the handlers need. */
export type ApiParts = {
  readonly controller: Controller;
  readonly log: Log;
  readonly readings: Readings;
  /** What Prometheus reads. */
  readonly metrics: () => Promise<string>;
  /** Aborts when the server closes: streams end then. */
  readonly closing: AbortSignal;
};

export const SECURITY: { token: string[] }[] = [{ token: [] }];

/**
 * A schema under the name that the document gives it. A copy, because zod gives a schema its methods when it is
 * made: one that was made before the OpenAPI extension was loaded lacks the method that names it.
 */
export function named<T>(name: string, schema: z.ZodType<T>): z.ZodType<T> {
  return schema.clone().openapi(name);
}

export const rolloutView: z.ZodType<RolloutView> = named("RolloutView", rolloutViewSchema);
export const journalEntry: z.ZodType<JournalEntry> = named("JournalEntry", journalEntrySchema);
const errorBody: z.ZodType<ErrorBody> = named("Error", errorBodySchema);

export type Described<Type extends string, T> = {
  description: string;
  content: { [K in Type]: { schema: z.ZodType<T> } };
};

export function json<T>(
  description: string,
  schema: z.ZodType<T>,
): Described<"application/json", T> {
  return { description, content: { "application/json": { schema } } };
}

export function jsonBody<T>(schema: z.ZodType<T>): {
  required: true;
  content: { "application/json": { schema: z.ZodType<T> } };
} {
  return { required: true, content: { "application/json": { schema } } };
}

/** An answer that goes on: the schema is that of one message. */
export function events<T>(
  description: string,
  schema: z.ZodType<T>,
): Described<"text/event-stream", T> {
  return { description, content: { "text/event-stream": { schema } } };
}

export const ERRORS: { default: Described<"application/json", ErrorBody> } = {
  default: json("Refused, or failed: a stable code, what is wrong, how to mend it.", errorBody),
};

export const rolloutId: z.ZodObject<{ id: z.ZodString }> = z.object({
  id: z.string().max(100).openapi({ description: "The rollout's id.", example: "k2v8m4q0x7dz" }),
});

export const modelName: z.ZodObject<{ model: z.ZodString }> = z.object({
  model: z
    .string()
    .max(200)
    .openapi({ description: "The model's name.", example: "code-assistant" }),
});
