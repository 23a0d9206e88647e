// A version and its upstreams as slipway.yaml writes them, and as core knows them.

import type { Expectation, Prices, Upstream, Version } from "@slipway/core";
import { z } from "zod";
import { DEFAULT_IN_FLIGHT_MAX } from "../defaults.ts";
import { kindOf, type Reading } from "../document/quantity.ts";
import { hostOf, readBaseUrl } from "../fields/base-url.ts";
import { choice, count, field, number } from "../fields/field.ts";
import { keyField } from "../fields/key-field.ts";
import { nameField } from "../fields/name-field.ts";

/** A version before it has its id (its key in the file) and its fingerprint. */
export type VersionDraft = (id: string) => Omit<Version, "fingerprint">;

const REPLICAS_MAX = 10_000;
export const NAME_PATTERN = "^[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,127}$";

function readReplicas(value: unknown): Reading<number | "elastic"> {
  if (value === "elastic") return { ok: true, value };
  if (typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= REPLICAS_MAX) {
    return { ok: true, value };
  }
  return {
    ok: false,
    message: `${kindOf(value)} is not a number of replicas`,
    fix: `write a whole number from 1 to ${REPLICAS_MAX}, or elastic where they come and go with the load`,
  };
}

const replicas: z.ZodType<number | "elastic"> = field(readReplicas, {
  anyOf: [{ type: "integer", minimum: 1, maximum: REPLICAS_MAX }, { const: "elastic" }],
  description:
    "Engines behind this URL, for forecasts of latency under load; elastic where they come and go with it. Default: nobody says.",
  examples: [4],
});

const upstream = z
  .strictObject({
    url: field(readBaseUrl, {
      type: "string",
      pattern: "^https?://",
      description: "Base URL of a server that speaks the OpenAI API, up to and with /v1.",
      examples: ["http://127.0.0.1:9000/v1"],
    }),
    model: nameField("Model id that this server knows. Default: the version's name.").optional(),
    key: keyField(
      `API key, as \${NAME} of an environment variable of the gateway. Never the key itself.`,
      "the gateway",
    ).optional(),
    ca: nameField(
      "PEM file, on the gateway's machine, of the authorities that may vouch for this server. Default: the public ones.",
    ).optional(),
    pool: nameField(
      "What upstreams share: an account, a quota, hardware. Default: host and port of the URL.",
    ).optional(),
    "in-flight-max": count(
      "Requests in flight, over all workers of all gateways; more wait in queues.",
      { min: 1, max: 100_000 },
    ).prefault(DEFAULT_IN_FLIGHT_MAX),
    concurrency: choice(
      "fixed: in-flight-max is the limit. adaptive: it is the ceiling, and each worker finds the limit below it.",
      { fixed: "fixed", adaptive: "adaptive" } as const,
    ).prefault("fixed"),
    replicas: replicas.optional(),
  })
  .meta({ title: "an upstream" });

/** The short name of an upstream: its host and port, and its place where that occurs twice. */
function idsOf(hosts: readonly string[]): readonly string[] {
  return hosts.map((host, index) =>
    hosts.indexOf(host) === index && hosts.lastIndexOf(host) === index
      ? host
      : `${host}#${index + 1}`,
  );
}

const identity = z.record(z.string().min(1), nameField("What it is.")).meta({
  title: "identity",
  description:
    "What else shapes the answers: weights, tokenizer, chat template, engine flags, prompt set. Part of the version's fingerprint.",
});

const PRICE_MAX = 1_000_000;

function price(description: string): z.ZodType<number> {
  return number(description, { min: 0, max: PRICE_MAX });
}

const prices: z.ZodType<Prices> = z
  .strictObject({
    input: price("US dollars for a million tokens of input."),
    cached: price(
      "Of the input, for a million tokens that the server had cached. Default: as input.",
    ).optional(),
    output: price("US dollars for a million tokens of output."),
  })
  .meta({
    title: "prices",
    description: "What the server asks for its tokens: a cost guard counts by it.",
  })
  .transform(({ input, cached, output }) => ({ input, cached: cached ?? input, output }));

const CONTEXT_TOKENS_MAX = 100_000_000;
const FACTOR_MAX = 100;

function factor(description: string): z.ZodType<number | undefined> {
  return number(description, {
    min: 1,
    max: FACTOR_MAX,
    why: "it is how many times as much as the version before it",
  }).optional();
}

const expectation: z.ZodType<Expectation> = z
  .strictObject({
    latency: factor("Slower whole answers, up to this factor."),
    ttft: factor("A slower first token, up to this factor."),
    tpot: factor("Slower tokens, up to this factor."),
    "input-tokens": factor("More tokens of input, up to this factor."),
    "output-tokens": factor(
      "Longer answers, up to this factor. Latencies are then compared with answers of like length.",
    ),
    cost: factor("Dearer requests, up to this factor."),
  })
  .meta({
    title: "expect",
    description:
      "What this version is meant to change: guards of a rollout to it judge these by these bounds.",
  })
  .transform(
    (written): Expectation =>
      Object.fromEntries(Object.entries(written).filter(([, value]) => value !== undefined)),
  );

export const versionSchema: z.ZodType<VersionDraft> = z
  .strictObject({
    upstreams: z.array(upstream).min(1).max(100).meta({
      description: "Servers that serve this version; each request goes to one of them.",
    }),
    identity: identity.prefault({}),
    prices: prices.optional(),
    "context-window": count("Tokens of prompt and answer together that it takes.", {
      min: 1,
      max: CONTEXT_TOKENS_MAX,
    }).optional(),
    expect: expectation.optional(),
  })
  .meta({
    title: "a version",
    description: "An immutable revision of the model. Change what it serves? Give it a new name.",
  })
  .transform((version): VersionDraft => {
    const ids = idsOf(version.upstreams.map(({ url }) => hostOf(url)));
    return (id) => ({
      id,
      identity: version.identity,
      ...(version.prices === undefined ? {} : { prices: version.prices }),
      ...(version["context-window"] === undefined
        ? {}
        : { contextTokensMax: version["context-window"] }),
      ...(version.expect === undefined ? {} : { expect: version.expect }),
      upstreams: version.upstreams.map(
        (u, index): Upstream => ({
          id: ids[index] ?? u.url,
          url: u.url,
          model: u.model ?? id,
          keyEnv: u.key ?? null,
          ...(u.ca === undefined ? {} : { caFile: u.ca }),
          pool: u.pool ?? hostOf(u.url),
          inFlightMax: u["in-flight-max"],
          concurrency: u.concurrency,
          ...(u.replicas === undefined ? {} : { replicas: u.replicas }),
        }),
      ),
    });
  });
