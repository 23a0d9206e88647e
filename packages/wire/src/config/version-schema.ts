// A version and its upstreams as slipway.yaml writes them, and as core knows them.

import type { Upstream, Version } from "@slipway/core";
import { z } from "zod";
import { hostOf, readBaseUrl } from "./base-url.ts";
import { DEFAULT_IN_FLIGHT_MAX } from "./defaults.ts";
import { choice, count, field } from "./field.ts";
import { nameField } from "./name-field.ts";
import type { Reading } from "./quantity.ts";

/** A version before it has its id (its key in the file) and its fingerprint. */
export type VersionDraft = (id: string) => Omit<Version, "fingerprint">;

const KEY_PATTERN = "^\\$\\{[A-Za-z_][A-Za-z0-9_]*\\}$";
export const NAME_PATTERN = "^[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,127}$";

/** The variable's name; the value itself never enters Slipway's files. */
function readKey(value: unknown): Reading<string> {
  if (typeof value === "string" && new RegExp(KEY_PATTERN).test(value)) {
    return { ok: true, value: value.slice(2, -1) };
  }
  const variable = typeof value === "string" && /^\$?\{?[A-Z][A-Z0-9_]*\}?$/.test(value);
  return {
    ok: false,
    message: variable
      ? `a key is written as \${NAME}, and nothing else`
      : "this is not the name of an environment variable; secrets do not belong in this file",
    fix: variable
      ? `did you mean \${${value.replace(/[${}]/g, "")}}?`
      : `put the key in an environment variable of the gateway, and write \${NAME} here`,
  };
}

const upstream = z
  .strictObject({
    url: field(readBaseUrl, {
      type: "string",
      pattern: "^https?://",
      description: "Base URL of a server that speaks the OpenAI API, up to and with /v1.",
      examples: ["http://127.0.0.1:9000/v1"],
    }),
    model: nameField("Model id that this server knows. Default: the version's name.").optional(),
    key: field(readKey, {
      type: "string",
      pattern: KEY_PATTERN,
      description: `API key, as \${NAME} of an environment variable of the gateway. Never the key itself.`,
      examples: [`\${UPSTREAM_KEY}`],
    }).optional(),
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

export const versionSchema: z.ZodType<VersionDraft> = z
  .strictObject({
    upstreams: z.array(upstream).min(1).max(100).meta({
      description: "Servers that serve this version; each request goes to one of them.",
    }),
    identity: identity.prefault({}),
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
        }),
      ),
    });
  });
