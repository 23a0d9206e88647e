// Answers that Slipway gives itself: its errors, and what the table alone can tell.

import type { Exchange } from "../ports.ts";
import { dialectOf, envelopeOf, type Refusal } from "../refusal.ts";

const encoder = new TextEncoder();

/** Sends a refusal; `headers` are added to its own. */
export function refuse(
  exchange: Exchange,
  requestId: string,
  refusal: Refusal,
  headers: readonly string[] = ["x-slipway-request-id", requestId],
): void {
  const { retryAfterSeconds } = refusal;
  const retryAfter = retryAfterSeconds === null ? [] : ["retry-after", String(retryAfterSeconds)];
  const dialect = dialectOf(exchange.path, exchange.headers);
  // Clients name this id when they report an error.
  const id = [dialect === "anthropic" ? "request-id" : "x-request-id", requestId];
  const body = envelopeOf(refusal, dialect, requestId);
  answerJson(exchange, refusal.status, [...headers, ...id, ...retryAfter], body);
}

export function answerJson(
  exchange: Exchange,
  status: number,
  headers: readonly string[],
  json: string,
): void {
  const body = encoder.encode(json);
  exchange.respond(status, [
    "content-type",
    "application/json",
    "content-length",
    String(body.length),
    ...headers,
  ]);
  if (exchange.method !== "HEAD") exchange.write(body);
  exchange.end();
}
