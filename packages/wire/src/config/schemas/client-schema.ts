// Clients as slipway.yaml writes them, and as core knows them. Only hashes of keys: the file may be read by many.

import type { Client } from "@slipway/core";
import { z } from "zod";
import { kindOf, type Reading } from "../document/quantity.ts";
import { count, field } from "../fields/field.ts";
import { nameField } from "../fields/name-field.ts";
import { NAME_PATTERN } from "./version-schema.ts";

const HASH_PATTERN = "^[0-9a-f]{64}$";
const KEYS_MAX = 4;

/** One hash, or a list of them while a client moves to a new key. */
function readHashes(value: unknown): Reading<readonly string[]> {
  const hashes: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (hashes.length === 0 || hashes.length > KEYS_MAX) {
    return {
      ok: false,
      message: `${hashes.length} hashes are ${hashes.length === 0 ? "too few" : "too many"}`,
      fix: `write one; two while the client moves to a new key; ${KEYS_MAX} at most`,
    };
  }
  const isHash = (hash: unknown): hash is string =>
    typeof hash === "string" && new RegExp(HASH_PATTERN).test(hash);
  if (hashes.every(isHash)) return { ok: true, value: hashes };
  const wrong = hashes.find((hash) => !isHash(hash));
  const is = typeof wrong === "string" ? "this" : kindOf(wrong);
  return {
    ok: false,
    message: `${is} is not the SHA-256 of a key; keys do not belong in this file`,
    fix: "run slipway key new NAME, and paste the lines that it prints",
  };
}

const client = z
  .strictObject({
    "key-hash": field(readHashes, {
      anyOf: [
        { type: "string", pattern: HASH_PATTERN },
        {
          type: "array",
          items: { type: "string", pattern: HASH_PATTERN },
          minItems: 1,
          maxItems: KEYS_MAX,
        },
      ],
      description:
        "SHA-256 of the client's key, in hex, as slipway key new prints it. A list while it moves to a new key. Never the key itself.",
    }),
    models: z
      .array(nameField("A model."))
      .min(1)
      .meta({ description: "Models that it may call. Default: all." })
      .optional(),
    "requests-per-minute": count("Requests a minute, over all gateways.", {
      min: 1,
    }).optional(),
    "tokens-per-minute": count(
      "Tokens a minute, in and out, over all gateways. Counted when an answer has ended.",
      { min: 1 },
    ).optional(),
    "in-flight-max": count("Requests at once, over all gateways.", {
      min: 1,
      max: 100_000,
    }).optional(),
  })
  .meta({ title: "a client" })
  .transform(
    (c): Omit<Client, "name"> => ({
      keyHashes: c["key-hash"],
      models: c.models ?? null,
      requestsPerMinute: c["requests-per-minute"] ?? null,
      tokensPerMinute: c["tokens-per-minute"] ?? null,
      inFlightMax: c["in-flight-max"] ?? null,
    }),
  );

export const clientsSchema: z.ZodType<readonly Client[]> = z
  .record(z.string().regex(new RegExp(NAME_PATTERN)), client)
  .refine((clients) => Object.keys(clients).length > 0)
  .meta({
    title: "clients",
    description:
      "Who may call, by name. Where it is written, a request without a key of one of them is refused.",
    minProperties: 1,
  })
  .transform((clients) =>
    Object.entries(clients)
      .map(([name, fields]): Client => ({ name, ...fields }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
  );
