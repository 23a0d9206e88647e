// A client as this worker sees it: what it may still ask for, and how much it has under way. It outlives tables, so
// that a new one does not forget what has been spent.

import type { Client } from "@slipway/core";
import type { FleetShare } from "../upstream/fleet-share.ts";
import { Bucket } from "./bucket.ts";

/** What a client has run out of, and when to come again. */
export type Exhausted = {
  readonly limit: "requests" | "tokens" | "in-flight";
  readonly retryAfterMs: number;
};

/** Slots become free whenever an answer ends; nobody knows when. */
const IN_FLIGHT_RETRY_MS = 1_000;

type LimitHeaders = { readonly limit: string; readonly remaining: string; readonly reset: string };

const REQUEST_HEADERS = limitHeaders("requests");
const TOKEN_HEADERS = limitHeaders("tokens");

function limitHeaders(what: string): LimitHeaders {
  return {
    limit: `x-ratelimit-limit-${what}`,
    remaining: `x-ratelimit-remaining-${what}`,
    reset: `x-ratelimit-reset-${what}`,
  };
}

export class Caller {
  #client: Client;
  /** Of each limit, which is over all gateways, this worker allows its part. */
  readonly #share: FleetShare;
  #requests: Bucket | null = null;
  #tokens: Bucket | null = null;
  #inFlight = 0;

  constructor(client: Client, share: FleetShare) {
    this.#client = client;
    this.#share = share;
  }

  get client(): Client {
    return this.#client;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** Takes on the client as the newest table has it. */
  update(client: Client, nowMs: number): void {
    this.#client = client;
    this.#requests = this.#bucket(this.#requests, client.requestsPerMinute, nowMs);
    this.#tokens = this.#bucket(this.#tokens, client.tokensPerMinute, nowMs);
  }

  /** The number of live workers has changed, perhaps. */
  reshare(nowMs: number): void {
    this.update(this.#client, nowMs);
  }

  /** Spends a request, and as many tokens as it will probably need; or says what there is too little of. */
  begin(tokens: number, nowMs: number): Exhausted | null {
    const { inFlightMax } = this.#client;
    const slots = inFlightMax === null ? Infinity : this.#share.slotsOf(inFlightMax);
    if (this.#inFlight + 1 > slots) {
      return { limit: "in-flight", retryAfterMs: IN_FLIGHT_RETRY_MS };
    }
    const requestMs = this.#requests?.msUntil(1, nowMs) ?? 0;
    if (requestMs > 0) return { limit: "requests", retryAfterMs: requestMs };
    // Whoever has any left may begin: how many it takes is known only at its end.
    const tokenMs = this.#tokens?.msUntil(1, nowMs) ?? 0;
    if (tokenMs > 0) return { limit: "tokens", retryAfterMs: tokenMs };
    this.#requests?.take(1, nowMs);
    this.#tokens?.take(tokens, nowMs);
    this.#inFlight++;
    return null;
  }

  /** Once for each that has begun: `begun` is what was taken for it, `used` what it took. */
  end(begun: number, used: number, nowMs: number): void {
    this.#inFlight--;
    this.#tokens?.take(used - begun, nowMs);
  }

  /** Adds headers in OpenAI's form; none for a client without limits a minute. */
  addHeaders(headers: string[], nowMs: number): void {
    const { requestsPerMinute, tokensPerMinute } = this.#client;
    this.#addLimit(headers, REQUEST_HEADERS, this.#requests, requestsPerMinute, nowMs);
    this.#addLimit(headers, TOKEN_HEADERS, this.#tokens, tokensPerMinute, nowMs);
  }

  #addLimit(
    headers: string[],
    names: LimitHeaders,
    bucket: Bucket | null,
    limit: number | null,
    nowMs: number,
  ): void {
    if (bucket === null || limit === null) return;
    const level = Math.max(0, bucket.level(nowMs));
    // What the other workers have left is not known here: most likely as much as this one.
    const remaining = level < 1 ? 0 : Math.min(limit, Math.floor(level * this.#share.members));
    headers.push(names.limit, String(limit), names.remaining, String(remaining));
    headers.push(names.reset, resetText(bucket.msUntilFull(nowMs)));
  }

  #bucket(known: Bucket | null, perMinute: number | null, nowMs: number): Bucket | null {
    if (perMinute === null) return null;
    const share = this.#share.rateOf(perMinute);
    if (known === null) return new Bucket(share, nowMs);
    known.setRate(share, nowMs);
    return known;
  }
}

/** As OpenAI writes it: 250ms, 6s, 1m30s. */
export function resetText(ms: number): string {
  if (ms < 1_000) return `${Math.ceil(ms)}ms`;
  const seconds = Math.ceil(ms / 1_000);
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}
