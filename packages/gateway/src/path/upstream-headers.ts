// The headers of a request as an upstream gets them: what the client sent end to end, with the upstream's own key
// in place of the client's where it has one, and without an offer to compress what the gateway has to read.

import type { Api } from "../api.ts";
import { endToEnd, headerOf } from "../headers.ts";
import type { RawHeaders } from "../ports.ts";
import type { Replica } from "../upstream/replica.ts";
import type { Passage } from "./passage.ts";
import { isSlipwayHeader } from "./slipway-headers.ts";
import { isTraceHeader } from "./tracing.ts";

/** Made anew for every hop. */
const REPLACED: ReadonlySet<string> = new Set(["host", "content-length", "expect"]);
const CLIENT_KEYS: ReadonlySet<string> = new Set(["authorization", "x-api-key", "api-key"]);

const ENCODING = "accept-encoding";
/** A copy with it would be taken for the request, or the request for the copy. */
const IDEMPOTENCY_KEY = "idempotency-key";

export function upstreamHeaders(
  headers: RawHeaders,
  {
    api,
    caller,
    makesObject,
    trace = null,
    isCopy = false,
  }: Pick<Passage, "api" | "caller" | "makesObject"> &
    Partial<Pick<Passage, "trace">> & { readonly isCopy?: boolean },
  replica: Replica,
): string[] {
  // A key of this gateway goes no further.
  const dropsKey = isCopy || caller !== null || replica.upstream.keyEnv !== null;
  const isRead = api !== "other" || makesObject;
  const kept = endToEnd(headers, (name) => {
    if (REPLACED.has(name) || isSlipwayHeader(name) || (isRead && name === ENCODING)) return true;
    if (trace !== null && isTraceHeader(name)) return true;
    if (isCopy && name === IDEMPOTENCY_KEY) return true;
    // The client's key is never sent where another belongs, not even when that one is missing.
    return dropsKey && CLIENT_KEYS.has(name);
  });
  // A compressed answer cannot be judged: an error in it would pass for an answer.
  if (isRead) kept.push(ENCODING, "identity");
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
