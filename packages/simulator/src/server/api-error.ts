// The error envelope of the OpenAI API, and the errors that a model server answers with.
import type { Reply } from "./exchange.ts";

export type ApiError = {
  readonly status: number;
  readonly type: string;
  readonly code: string | null;
  readonly message: string;
  readonly param: string | null;
  readonly retryAfterMs?: number;
};

type Details = { readonly code?: string; readonly param?: string; readonly retryAfterMs?: number };

const TYPES: { readonly [status: number]: string } = {
  400: "invalid_request_error",
  401: "authentication_error",
  403: "permission_error",
  404: "invalid_request_error",
  429: "rate_limit_error",
  503: "service_unavailable_error",
};

export function apiError(status: number, message: string, details: Details = {}): ApiError {
  return {
    status,
    type: TYPES[status] ?? (status < 500 ? "invalid_request_error" : "server_error"),
    code: details.code ?? null,
    message,
    param: details.param ?? null,
    ...(details.retryAfterMs === undefined ? {} : { retryAfterMs: details.retryAfterMs }),
  };
}

/** `{"error": {...}}`, as the body of an answer and as an event of a stream. */
export function envelopeOf(error: ApiError): string {
  const { message, type, param, code } = error;
  return JSON.stringify({ error: { message, type, param, code } });
}

export function sendError(
  reply: Reply,
  error: ApiError,
  headers: { readonly [name: string]: string },
): void {
  const retry =
    error.retryAfterMs === undefined
      ? {}
      : { "retry-after": String(Math.max(1, Math.ceil(error.retryAfterMs / 1000))) };
  sendJson(reply, error.status, envelopeOf(error), { ...headers, ...retry });
}

export function sendJson(
  reply: Reply,
  status: number,
  body: string,
  headers: { readonly [name: string]: string },
): void {
  reply.head(status, { ...headers, "content-type": "application/json" });
  reply.chunk(body);
  reply.end();
}
