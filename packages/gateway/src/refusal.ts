// Slipway's own errors, in the envelope of the API that was called. An upstream's error never comes through
// here: it is relayed as it is, or hidden by an answer of stable.

import { type Api, pathUnderV1 } from "./api.ts";
import { headerOf } from "./headers.ts";
import type { RawHeaders } from "./ports.ts";

export type Refusal = {
  readonly status: number;
  /** OpenAI's error type. */
  readonly type: "invalid_request_error" | "rate_limit_error" | "server_error";
  /** Stable, lower case with underscores. */
  readonly code: string;
  readonly message: string;
  /** The field at fault, as OpenAI names it; null for none. */
  readonly param: string | null;
  /** Seconds; null when there is no point in saying. */
  readonly retryAfterSeconds: number | null;
};

type Kind = Pick<Refusal, "status" | "type" | "code">;

const plain = (kind: Kind, message: string): Refusal => ({
  ...kind,
  message,
  param: null,
  retryAfterSeconds: null,
});

export const noTable: Refusal = {
  ...plain(
    { status: 503, type: "server_error", code: "no_table" },
    "This gateway has no routing table yet: it has not reached a controller since it was first started.",
  ),
  retryAfterSeconds: 1,
};

export const closing: Refusal = {
  ...plain(
    { status: 503, type: "server_error", code: "closing" },
    "This gateway is shutting down; send the request again.",
  ),
  retryAfterSeconds: 1,
};

/** What another server might understand in another way is not passed on. */
export function malformed(why: string): Refusal {
  return plain(
    { status: 400, type: "invalid_request_error", code: "malformed_request" },
    `This request is not well-formed HTTP: ${why}.`,
  );
}

export const uriTooLong: Refusal = plain(
  { status: 414, type: "invalid_request_error", code: "uri_too_long" },
  "The URL of this request is longer than the limit here.",
);

export const tooManyHeaders: Refusal = plain(
  { status: 431, type: "invalid_request_error", code: "too_many_headers" },
  "This request has more header fields than the limit here.",
);

export const redirected: Refusal = plain(
  { status: 502, type: "server_error", code: "upstream_redirect" },
  "The upstream of this model answered with a redirect, which is not followed.",
);

export function unknownPath(path: string): Refusal {
  return plain(
    { status: 404, type: "invalid_request_error", code: "unknown_url" },
    `Unknown request URL: ${path.slice(0, 200)}. Slipway serves the paths under /v1.`,
  );
}

export const noRoute: Refusal = plain(
  { status: 404, type: "invalid_request_error", code: "unroutable" },
  "This request names no model in its body, and more than one model is served here, so there is no telling where it belongs. Name the model in the header x-slipway-model.",
);

/** `areKeysAsked`: then a model that is not there and one that this key may not call are told in the same words. */
export function unknownModel(model: string, areKeysAsked: boolean): Refusal {
  const why = areKeysAsked ? "does not exist or you do not have access to it" : "does not exist";
  return {
    ...plain(
      { status: 404, type: "invalid_request_error", code: "model_not_found" },
      `The model \`${model.slice(0, 200)}\` ${why}.`,
    ),
    param: "model",
  };
}

const KEY_PLACES = "`Authorization: Bearer KEY` or `x-api-key: KEY`";
const unauthorized: Kind = {
  status: 401,
  type: "invalid_request_error",
  code: "invalid_api_key",
};

export const missingKey: Refusal = plain(
  unauthorized,
  `This request has no API key. Send the one you were given for this gateway as ${KEY_PLACES}.`,
);

export const wrongKey: Refusal = plain(
  unauthorized,
  `This API key is not one of this gateway's. Send the one you were given as ${KEY_PLACES}.`,
);

export function rateLimited(
  limit: "requests" | "tokens" | "in-flight",
  retryAfterMs: number,
): Refusal {
  const retryAfterSeconds = Math.max(1, Math.ceil(retryAfterMs / 1_000));
  const what = limit === "in-flight" ? "requests at once" : `${limit} per minute`;
  return {
    ...plain(
      { status: 429, type: "rate_limit_error", code: "rate_limit_exceeded" },
      `This API key has reached its limit of ${what}. Try again in ${retryAfterSeconds} s.`,
    ),
    retryAfterSeconds,
  };
}

export const missingModel: Refusal = {
  ...plain(
    { status: 400, type: "invalid_request_error", code: "missing_model" },
    "You must provide a model parameter.",
  ),
  param: "model",
};

export const invalidBody: Refusal = plain(
  { status: 400, type: "invalid_request_error", code: "invalid_json" },
  "The body of this request is not a JSON object.",
);

export function tooLarge(limitBytes: number): Refusal {
  return plain(
    { status: 413, type: "invalid_request_error", code: "request_too_large" },
    `The body of this request is larger than ${limitBytes} bytes, which is the limit here.`,
  );
}

export const noRoom: Refusal = {
  ...plain(
    { status: 503, type: "server_error", code: "no_room" },
    "This gateway holds as many request bodies as it can; send the request again.",
  ),
  retryAfterSeconds: 1,
};

export function noCapacity(retryAfterSeconds: number): Refusal {
  return {
    ...plain(
      { status: 429, type: "rate_limit_error", code: "no_capacity" },
      `All upstreams of this model are busy, and the request could not be served in time. Try again in ${retryAfterSeconds} s.`,
    ),
    retryAfterSeconds,
  };
}

export const brokenOff: Refusal = plain(
  { status: 502, type: "server_error", code: "upstream_broke_off" },
  "The connection to the upstream of this model broke before its answer was complete.",
);

export const rolledBack: Refusal = plain(
  { status: 503, type: "server_error", code: "rolled_back" },
  "The version that was giving this answer has been rolled back. Send the request again.",
);

export function noQuota(retryAfterSeconds: number): Refusal {
  return {
    ...plain(
      { status: 429, type: "rate_limit_error", code: "no_quota" },
      `The quota that this model's upstreams share is used up for now. Try again in ${retryAfterSeconds} s.`,
    ),
    retryAfterSeconds,
  };
}

export const unreachable: Refusal = plain(
  { status: 502, type: "server_error", code: "upstream_unreachable" },
  "The connection to the upstream of this model failed.",
);

export const timedOut: Refusal = plain(
  { status: 504, type: "server_error", code: "upstream_timeout" },
  "The upstream of this model did not answer in time.",
);

/** Whose words an answer of Slipway's own is in. */
export type Dialect = "openai" | "anthropic";

/** By the path; where that is common to both, by the header that Anthropic's clients always send. */
export function dialectOf(path: string, headers: RawHeaders): Dialect {
  if (pathUnderV1(path)?.startsWith("/messages") === true) return "anthropic";
  return headerOf(headers, "anthropic-version") === null ? "openai" : "anthropic";
}

/** The body of the answer. */
export function envelopeOf(refusal: Refusal, dialect: Dialect, requestId: string): string {
  if (dialect === "anthropic") {
    const error = { type: anthropicType(refusal.status), message: refusal.message };
    return JSON.stringify({ type: "error", error, request_id: requestId });
  }
  const { message, type, param, code } = refusal;
  return JSON.stringify({ error: { message, type, param, code } });
}

/** The event that says it in a stream that has begun; null where the API has no form for that. */
export function errorEventOf(refusal: Refusal, api: Api, requestId: string): string | null {
  switch (api) {
    case "chat.completions":
    case "completions":
      return `data: ${envelopeOf(refusal, "openai", requestId)}\n\n`;
    case "messages":
      return `event: error\ndata: ${envelopeOf(refusal, "anthropic", requestId)}\n\n`;
    case "responses": {
      const { code, message, param } = refusal;
      const event = { type: "error", code, message, param };
      return `event: error\ndata: ${JSON.stringify(event)}\n\n`;
    }
    default:
      return null;
  }
}

function anthropicType(status: number): string {
  switch (status) {
    case 400:
      return "invalid_request_error";
    case 401:
      return "authentication_error";
    case 403:
      return "permission_error";
    case 404:
      return "not_found_error";
    case 413:
      return "request_too_large";
    case 429:
      return "rate_limit_error";
    case 503:
      return "overloaded_error";
    case 504:
      return "timeout_error";
    default:
      return "api_error";
  }
}
