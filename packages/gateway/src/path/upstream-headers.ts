// The headers of a request as an upstream gets them: what the client sent end to end, with the upstream's own key
// in place of the client's where it has one.

import type { Api } from "../api.ts";
import { endToEnd, headerOf } from "../headers.ts";
import type { RawHeaders } from "../ports.ts";
import type { Replica } from "../upstream/replica.ts";

/** Made anew for every hop. */
const REPLACED: ReadonlySet<string> = new Set(["host", "content-length", "expect"]);
const CLIENT_KEYS: ReadonlySet<string> = new Set(["authorization", "x-api-key", "api-key"]);

const isReplaced = (name: string): boolean => REPLACED.has(name);
const isReplacedOrKey = (name: string): boolean => REPLACED.has(name) || CLIENT_KEYS.has(name);

export function upstreamHeaders(headers: RawHeaders, api: Api, replica: Replica): string[] {
  if (replica.upstream.keyEnv === null) return endToEnd(headers, isReplaced);
  // The client's key is never sent where another belongs, not even when that one is missing.
  const kept = endToEnd(headers, isReplacedOrKey);
  const { key } = replica;
  if (key === null || key === undefined) return kept;
  if (sendsApiKeyHeader(headers, api)) kept.push("x-api-key", key);
  else kept.push("authorization", `Bearer ${key}`);
  return kept;
}

/** The key goes where the client put its own; without one, where the API wants it. */
function sendsApiKeyHeader(headers: RawHeaders, api: Api): boolean {
  if (headerOf(headers, "x-api-key") !== null) return true;
  return api === "messages" && headerOf(headers, "authorization") === null;
}
