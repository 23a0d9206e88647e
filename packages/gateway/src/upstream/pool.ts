// A pool: the quota that upstreams share. It knows what was declared of it, what the provider's headers last said, and
// until when the provider wants nothing; nothing is sent into it before all three allow it.

import type { Pool as DeclaredPool, ToldLimit } from "@slipway/core";
import { Allowance } from "./allowance.ts";
import type { FleetShare } from "./fleet-share.ts";
import type { Priority } from "./priority.ts";
import { QUOTAS, type QuotaName, type RateLimits } from "./rate-limit-headers.ts";
import { ToldQuota } from "./told-quota.ts";

/** Tokens as they are expected before the answer, or as they were used. */
export type TokenCounts = { readonly inputTokens: number; readonly outputTokens: number };

/** All that was ever sent into a pool: two of them tell what was sent between. */
export type Sent = TokenCounts & { readonly requests: number };

export type PoolState = {
  readonly pool: string;
  /** Milliseconds during which nothing is sent into it; 0 for none. */
  readonly blockedMs: number;
  /** What is left by the provider's headers or, without them, of this worker's share of the declared quota. */
  readonly requestsLeft: number | null;
  readonly tokensLeft: number | null;
};

/** A provider that says a longer time is not taken at its word. */
const BLOCK_MS_MAX = 24 * 3_600_000;
/** Statuses whose Retry-After speaks for the pool: too many requests, unavailable, and Anthropic's overloaded. */
const BLOCKING_STATUSES: ReadonlySet<number> = new Set([429, 503, 529]);
/** A shadow leaves so much of every quota to others. */
const SHADOW_RESERVE = 0.5;

export class Pool {
  readonly name: string;
  readonly #share: FleetShare;
  #declared: DeclaredPool | null = null;
  #requests: Allowance | null = null;
  #tokens: Allowance | null = null;
  readonly #told = new Map<QuotaName, ToldQuota>();
  #blockedUntilMs = Number.NEGATIVE_INFINITY;
  #sentRequests = 0;
  #sentInputTokens = 0;
  #sentOutputTokens = 0;

  constructor(name: string, share: FleetShare) {
    this.name = name;
    this.#share = share;
  }

  get isDeclared(): boolean {
    return this.#declared !== null;
  }

  /** Takes on what the newest table declares; null for nothing. */
  update(declared: DeclaredPool | null, nowMs: number): void {
    this.#declared = declared;
    this.#requests = this.#allowance(this.#requests, declared?.requestsPerMinute ?? null, nowMs);
    this.#tokens = this.#allowance(this.#tokens, declared?.tokensPerMinute ?? null, nowMs);
  }

  /** The number of live workers has changed, perhaps. */
  reshare(nowMs: number): void {
    if (this.#declared !== null) this.update(this.#declared, nowMs);
  }

  /** Milliseconds until a request may be sent, after `ahead` others like it; 0: now. */
  waitMs(expected: TokenCounts, ahead: number, priority: Priority, nowMs: number): number {
    const { inputTokens, outputTokens } = expected;
    const tokens = inputTokens + outputTokens;
    let waitMs = Math.max(0, this.#blockedUntilMs - nowMs);
    for (const [quota, told] of this.#told) {
      const amount = amountIn(quota, inputTokens, outputTokens);
      const spared = priority === "shadow" ? SHADOW_RESERVE * (told.limit ?? 0) : 0;
      waitMs = Math.max(waitMs, told.waitMs(amount, ahead * amount + spared, nowMs));
    }
    waitMs = Math.max(waitMs, allowanceWaitMs(this.#requests, 1, ahead, priority, nowMs));
    return Math.max(waitMs, allowanceWaitMs(this.#tokens, tokens, ahead, priority, nowMs));
  }

  /** A request is sent: its tokens count as expected until they are known. */
  take({ inputTokens, outputTokens }: TokenCounts): void {
    this.#sentRequests++;
    this.#sentInputTokens += inputTokens;
    this.#sentOutputTokens += outputTokens;
    this.#requests?.take(1);
    this.#tokens?.take(inputTokens + outputTokens);
    for (const [quota, told] of this.#told) told.take(amountIn(quota, inputTokens, outputTokens));
  }

  /** A request has ended: what it used in place of what was expected. */
  settle(expected: TokenCounts, used: TokenCounts): void {
    const before = expected.inputTokens + expected.outputTokens;
    this.#tokens?.take(used.inputTokens + used.outputTokens - before);
  }

  /** Read when a request is sent, it tells later what has been sent since. */
  get sent(): Sent {
    return {
      requests: this.#sentRequests,
      inputTokens: this.#sentInputTokens,
      outputTokens: this.#sentOutputTokens,
    };
  }

  /**
   * Takes in what an answer said of the provider's limits. Its request was sent at `at`: what was sent since then the
   * provider had not met when it took the request in, and counted what is left.
   */
  hear(limits: RateLimits, status: number, at: Sent, nowMs: number): void {
    const inputTokens = this.#sentInputTokens - at.inputTokens;
    const outputTokens = this.#sentOutputTokens - at.outputTokens;
    const requests = this.#sentRequests - at.requests;
    let exhaustedMs = 0;
    for (const quota of QUOTAS) {
      const reading = limits.quotas[quota];
      if (reading === undefined || reading.remaining === null || reading.resetMs === null) continue;
      const resetMs = Math.min(reading.resetMs, BLOCK_MS_MAX);
      const told = this.#toldOf(quota);
      told.told(reading.limit, reading.remaining, resetMs, nowMs);
      told.take(quota === "requests" ? requests : amountIn(quota, inputTokens, outputTokens));
      if (reading.remaining === 0) exhaustedMs = Math.max(exhaustedMs, resetMs);
    }
    if (!BLOCKING_STATUSES.has(status)) return;
    // Whoever was refused and not told when to come back waits until all of it is back.
    const forMs = limits.retryAfterMs ?? (status === 429 ? exhaustedMs : 0);
    const untilMs = nowMs + Math.min(forMs, BLOCK_MS_MAX);
    this.#blockedUntilMs = Math.max(this.#blockedUntilMs, untilMs);
  }

  state(nowMs: number): PoolState {
    const left = (quota: QuotaName, own: Allowance | null): number | null => {
      const told = this.#told.get(quota)?.remaining(nowMs) ?? null;
      const amount = told ?? own?.level(nowMs) ?? null;
      return amount === null ? null : Math.max(0, Math.floor(amount));
    };
    return {
      pool: this.name,
      blockedMs: Math.max(0, this.#blockedUntilMs - nowMs),
      requestsLeft: left("requests", this.#requests),
      tokensLeft: left("tokens", this.#tokens),
    };
  }

  /** What its provider's answers say that a minute may have; null where they say nothing of it. */
  told(nowMs: number): ToldLimit | null {
    const limitOf = (quota: QuotaName): number | null => {
      const told = this.#told.get(quota);
      return told?.remaining(nowMs) == null ? null : told.limit;
    };
    const requestsPerMinute = limitOf("requests");
    const both = [limitOf("input-tokens"), limitOf("output-tokens")].filter((one) => one !== null);
    const parts = both.length === 2 ? both.reduce((sum, one) => sum + one, 0) : null;
    const tokensPerMinute = limitOf("tokens") ?? parts;
    if (requestsPerMinute === null && tokensPerMinute === null) return null;
    return { pool: this.name, requestsPerMinute, tokensPerMinute };
  }

  #toldOf(quota: QuotaName): ToldQuota {
    const known = this.#told.get(quota) ?? new ToldQuota();
    this.#told.set(quota, known);
    return known;
  }

  #allowance(known: Allowance | null, perMinute: number | null, nowMs: number): Allowance | null {
    if (perMinute === null) return null;
    const share = this.#share.rateOf(perMinute);
    if (known === null) return new Allowance(share, nowMs);
    known.update(share, nowMs);
    return known;
  }
}

function amountIn(quota: QuotaName, inputTokens: number, outputTokens: number): number {
  switch (quota) {
    case "requests":
      return 1;
    case "input-tokens":
      return inputTokens;
    case "output-tokens":
      return outputTokens;
    case "tokens":
      return inputTokens + outputTokens;
  }
}

function allowanceWaitMs(
  allowance: Allowance | null,
  amount: number,
  ahead: number,
  priority: Priority,
  nowMs: number,
): number {
  if (allowance === null) return 0;
  const spared = priority === "shadow" ? SHADOW_RESERVE * allowance.capacity : 0;
  return allowance.waitMs(amount, ahead * amount + spared, nowMs);
}
