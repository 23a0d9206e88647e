// Rings, exclusions and conversations as slipway.yaml writes them, and as core knows them.

import type { Matchers, Ring } from "@slipway/core";
import { z } from "zod";
import { MATCHED_KEYS_MAX, MATCHERS_MAX } from "../../audience.ts";
import { choice, share } from "../fields/field.ts";
import { HEADER_PATTERN } from "../fields/header-field.ts";

const KEY_LENGTH_MAX = 1_024;

function texts(description: string, itemsMax: number): z.ZodType<readonly string[]> {
  return z.array(z.string().min(1).max(KEY_LENGTH_MAX)).max(itemsMax).meta({ description });
}

const matcherFields = {
  keys: texts("User keys, as requests carry them.", MATCHED_KEYS_MAX).optional(),
  "key-prefixes": texts("User keys that begin like this.", MATCHERS_MAX).optional(),
  headers: z
    .record(z.string().regex(new RegExp(HEADER_PATTERN)), z.string().min(1).max(KEY_LENGTH_MAX))
    .meta({ description: "Request headers with exactly this value.", maxProperties: MATCHERS_MAX })
    .optional(),
  clients: texts("Names of API clients.", MATCHED_KEYS_MAX).optional(),
};

type Written = {
  readonly keys?: readonly string[] | undefined;
  readonly "key-prefixes"?: readonly string[] | undefined;
  readonly headers?: { readonly [name: string]: string } | undefined;
  readonly clients?: readonly string[] | undefined;
};

function matchersOf(written: Written): Matchers {
  const headers = Object.entries(written.headers ?? {});
  return {
    keys: written.keys ?? [],
    keyPrefixes: written["key-prefixes"] ?? [],
    headers: headers.map(([name, value]) => ({ name: name.toLowerCase(), value })),
    clients: written.clients ?? [],
  };
}

const ring = z
  .strictObject({
    from: share("Members are on the candidate from the stage with this share on.").optional(),
    ...matcherFields,
  })
  .meta({ title: "a ring" })
  .transform(
    (written): Omit<Ring, "name"> => ({
      fromPercent: Math.round((written.from ?? 0) * 1e6) / 1e4,
      members: matchersOf(written),
    }),
  );

/** Name → ring, as a list in the order of the file. */
export const ringsSchema: z.ZodType<readonly Ring[]> = z
  .record(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/), ring)
  .meta({
    title: "rings",
    description: "Who is on the candidate before the stages' shares would have them, by name.",
  })
  .transform((rings) => Object.entries(rings).map(([name, r]): Ring => ({ name, ...r })));

export const excludeSchema: z.ZodType<Matchers> = z
  .strictObject(matcherFields)
  .meta({ title: "exclude", description: "Who is never on the candidate during a rollout." })
  .transform(matchersOf);

export const conversationsSchema: z.ZodType<"stay" | "move"> = choice(
  "What becomes of a conversation that began on stable when its user's turn comes: it stays, or moves.",
  { stay: "stay", move: "move" } as const,
).prefault("stay");
