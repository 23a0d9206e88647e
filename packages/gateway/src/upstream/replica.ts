// One upstream of a version, with the requests that this worker has in flight there, and what limits them.

import type { Clock, Upstream } from "@slipway/core";
import { type ModelName, modelName } from "../body/spliced.ts";
import type { RawHeaders } from "../ports.ts";
import { AdaptiveLimit } from "./adaptive-limit.ts";
import type { FleetShare } from "./fleet-share.ts";
import type { Pool, Sent } from "./pool.ts";
import { type RateLimits, rateLimitsOf } from "./rate-limit-headers.ts";

/** Value of an environment variable that goes to a URL; null when it is not set, or may not be sent there. */
export type Secret = (name: string, url: string) => string | null;

/** What the upstreams of a worker share. */
export type Surroundings = {
  readonly secret: Secret;
  readonly share: FleetShare;
  readonly pool: (name: string) => Pool;
};

/** Statuses with which an upstream says that it has too much to do. */
const OVERLOAD_STATUSES: ReadonlySet<number> = new Set([429, 503, 504, 529]);

export class Replica {
  readonly #share: FleetShare;
  upstream: Upstream;
  model: ModelName;
  pool: Pool;
  inFlight = 0;
  /** Null where the limit is fixed. */
  #adaptive: AdaptiveLimit | null = null;
  /** Monotonic time until which it is passed over, because it could not be reached. */
  avoidedUntilMs: number = Number.NEGATIVE_INFINITY;
  /** Value of the upstream's key; null where it has none, undefined where it should have one and may not, or it is not set. */
  key: string | null | undefined;

  constructor(upstream: Upstream, around: Surroundings, nowMs: number) {
    this.#share = around.share;
    this.upstream = upstream;
    this.model = modelName(upstream.model);
    this.pool = around.pool(upstream.pool);
    this.update(upstream, around, nowMs);
  }

  /** Takes on the upstream as the newest table has it. */
  update(upstream: Upstream, around: Surroundings, nowMs: number): void {
    const { pool, secret } = around;
    this.upstream = upstream;
    this.model = modelName(upstream.model);
    this.pool = pool(upstream.pool);
    this.key =
      upstream.keyEnv === null ? null : (secret(upstream.keyEnv, upstream.url) ?? undefined);
    if (upstream.concurrency === "fixed") this.#adaptive = null;
    else this.#adaptive ??= new AdaptiveLimit(this.#ceiling, around.share.members, nowMs);
  }

  isAvoided(nowMs: number): boolean {
    return nowMs < this.avoidedUntilMs;
  }

  /** Requests that this worker may have in flight here now. */
  get slots(): number {
    const ceiling = this.#ceiling;
    if (this.#adaptive === null) return ceiling;
    this.#adaptive.bound(ceiling, this.#share.members);
    return this.#adaptive.limit;
  }

  get #ceiling(): number {
    return this.#share.slotsOf(this.upstream.inFlightMax);
  }

  /**
   * Whether what its answers say of limits is said of the pool: where a client's own key is forwarded, it may be that
   * client's quota, and no other's.
   */
  get speaksForPool(): boolean {
    return this.upstream.keyEnv !== null || this.pool.isDeclared;
  }

  /** Takes in what the head of an answer says of limits, and of load. `at`: what its pool had been sent with its request. */
  hear(status: number, headers: RawHeaders, at: Sent, sentMs: number, clock: Clock): void {
    const isRefusal = OVERLOAD_STATUSES.has(status);
    if (!isRefusal && !this.speaksForPool) return;
    const nowMs = clock.mono();
    const limits = rateLimitsOf(headers, clock.wall);
    if (limits !== null && this.speaksForPool) this.pool.hear(limits, status, at, nowMs);
    // A quota that is used up is no load: it is as small at any concurrency.
    if (isRefusal && !isQuotaOf(limits, this.speaksForPool)) this.overloaded(sentMs, nowMs);
  }

  /** The first byte of a streamed answer has come. */
  firstByte(sentMs: number, inputTokens: number, clock: Clock): void {
    this.#adaptive?.firstByte(sentMs, inputTokens, this.inFlight, clock);
  }

  /** A whole answer has come. */
  whole(sentMs: number, nowMs: number): void {
    this.#adaptive?.whole(sentMs, this.inFlight, nowMs);
  }

  /** It refused a request for load, or did not begin to answer it in time. */
  overloaded(sentMs: number, nowMs: number): void {
    this.#adaptive?.overloaded(sentMs, nowMs);
  }

  /** Gives a slot back. */
  release(heldMs: number): void {
    this.inFlight--;
    this.#adaptive?.held(heldMs);
  }
}

function isQuotaOf(limits: RateLimits | null, speaksForPool: boolean): boolean {
  if (limits === null) return false;
  if (speaksForPool && limits.retryAfterMs !== null) return true;
  return Object.values(limits.quotas).some(({ remaining }) => remaining === 0);
}
