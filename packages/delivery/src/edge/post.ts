// One POST: within a time, its answer read up to a size, and never followed elsewhere. Node's own client, since it follows
// no redirects and keeps nothing.

import { type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import type { LookupFunction } from "node:net";
import type { Posted } from "../posted.ts";

export const POST_TIMEOUT_MS = 10_000;
/** Enough to recognise an answer; the rest is not read. */
const ANSWER_BYTES_MAX = 16_384;

export type Post = {
  readonly url: URL;
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
  /** How names become addresses; the system's way where absent. */
  readonly lookup?: LookupFunction;
  readonly timeoutMs?: number;
};

export function post({
  url,
  headers,
  body,
  lookup,
  timeoutMs = POST_TIMEOUT_MS,
}: Post): Promise<Posted> {
  const request = url.protocol === "https:" ? requestHttps : requestHttp;
  const { promise, resolve } = Promise.withResolvers<Posted>();
  const sent = request(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(body),
      "user-agent": "slipway",
      connection: "close",
      ...headers,
    },
    agent: false,
    signal: AbortSignal.timeout(timeoutMs),
    ...(lookup === undefined ? {} : { lookup }),
  });
  const lost = (error: Error): void => {
    resolve({ kind: "lost", why: lossText(error, timeoutMs) });
  };
  sent.on("error", lost);
  sent.on("response", (response) => {
    read(response).then(resolve, lost);
  });
  sent.end(body);
  return promise;
}

async function read(response: IncomingMessage): Promise<Posted> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    // Who answers more than anybody reads has answered.
    if (bytes > ANSWER_BYTES_MAX) break;
  }
  return {
    kind: "answered",
    status: response.statusCode ?? 0,
    retryAfter: response.headers["retry-after"] ?? null,
    contentType: response.headers["content-type"] ?? null,
    body: Buffer.concat(chunks).toString("utf8", 0, ANSWER_BYTES_MAX),
    bytes,
    atMs: Date.now(),
  };
}

const LOSSES: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "the connection broke before the whole answer was there",
  ENOTFOUND: "there is no such host",
  EAI_AGAIN: "the name could not be looked up",
  EHOSTUNREACH: "the host cannot be reached",
  ENETUNREACH: "the network cannot be reached",
  CERT_HAS_EXPIRED: "its certificate has expired",
  EPIPE: "the connection broke while it was sent",
  ENOTPUBLIC: "its name leads to an address that is not public",
};

function lossText(error: Error, timeoutMs: number): string {
  const isLate = error.name === "AbortError" || error.name === "TimeoutError";
  if (isLate) return `no whole answer within ${timeoutMs / 1_000} s`;
  return lossOf("code" in error ? error.code : null);
}

/** What a code of the system's says, or of a protocol's; nothing else of an error is shown. */
export function lossOf(code: unknown): string {
  if (typeof code !== "string" || !/^[A-Z_]{3,60}$/.test(code)) return "the connection failed";
  return LOSSES[code] ?? `the connection failed (${code})`;
}
