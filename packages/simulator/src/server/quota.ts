// A provider's rate limit: requests and tokens per minute, as buckets that refill evenly, reported in
// x-ratelimit-* headers.
import type { Clock } from "@slipway/core";
import { type ApiError, apiError } from "./api-error.ts";

const MINUTE_MS = 60_000;

class Bucket {
  readonly perMinute: number;
  /** What it holds when full. */
  readonly capacity: number;
  #level: number;
  #atMs: number;

  constructor(perMinute: number, burst: number, nowMs: number) {
    this.perMinute = perMinute;
    this.capacity = perMinute * burst;
    this.#level = this.capacity;
    this.#atMs = nowMs;
  }

  level(nowMs: number): number {
    const refill = ((nowMs - this.#atMs) * this.perMinute) / MINUTE_MS;
    this.#level = Math.min(this.capacity, this.#level + refill);
    this.#atMs = nowMs;
    return this.#level;
  }

  take(amount: number): void {
    this.#level -= amount;
  }

  /** Until the bucket holds `amount`, or is full if it never can. */
  waitMs(amount: number): number {
    const missing = Math.min(amount, this.capacity) - this.#level;
    return Math.max(0, (missing * MINUTE_MS) / this.perMinute);
  }
}

export type QuotaOptions = {
  readonly requestsPerMinute: number;
  readonly tokensPerMinute: number;
  /** The share of a minute that may pass at once; a whole one where absent. */
  readonly burst?: number;
  /** Whether a request passes while anything is left, however much it then takes. False where absent. */
  readonly inArrears?: boolean;
};

export class Quota {
  readonly #clock: Clock;
  readonly #inArrears: boolean;
  readonly #requests: Bucket;
  readonly #tokens: Bucket;

  constructor(clock: Clock, options: QuotaOptions) {
    const { requestsPerMinute, tokensPerMinute, burst = 1, inArrears = false } = options;
    this.#clock = clock;
    this.#inArrears = inArrears;
    this.#requests = new Bucket(requestsPerMinute, burst, clock.mono());
    this.#tokens = new Bucket(tokensPerMinute, burst, clock.mono());
  }

  /** Counts a request against the quota, or says why it may not pass. */
  admit(tokens: number): ApiError | undefined {
    const nowMs = this.#clock.mono();
    const short = this.#requests.level(nowMs) < 1;
    const needed = Math.min(tokens, this.#tokens.capacity);
    if (short || this.#tokens.level(nowMs) < (this.#inArrears ? 1 : needed)) {
      const what = short ? "requests" : "tokens";
      return apiError(429, `Rate limit reached on ${what} per min. Please try again later.`, {
        code: "rate_limit_exceeded",
        retryAfterMs: Math.max(this.#requests.waitMs(1), this.#tokens.waitMs(needed)),
      });
    }
    this.#requests.take(1);
    this.#tokens.take(needed);
    return undefined;
  }

  headers(): { readonly [name: string]: string } {
    const nowMs = this.#clock.mono();
    return {
      ...headersOf("requests", this.#requests, nowMs),
      ...headersOf("tokens", this.#tokens, nowMs),
    };
  }
}

function headersOf(name: string, bucket: Bucket, nowMs: number): { [name: string]: string } {
  const remaining = Math.max(0, Math.floor(bucket.level(nowMs)));
  return {
    [`x-ratelimit-limit-${name}`]: String(bucket.perMinute),
    [`x-ratelimit-remaining-${name}`]: String(remaining),
    [`x-ratelimit-reset-${name}`]: `${Math.ceil(bucket.waitMs(bucket.perMinute))}ms`,
  };
}
