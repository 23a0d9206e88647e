// One upstream of a version, with the requests that this worker has in flight there, and what limits them.

import type { Clock, Upstream } from "@slipway/core";
import { type ModelName, modelName } from "../body/spliced.ts";
import type { RawHeaders } from "../ports.ts";
import type { FleetShare } from "./fleet-share.ts";
import type { Pool } from "./pool.ts";
import { rateLimitsOf } from "./rate-limit-headers.ts";

/** Value of an environment variable; null when it is not set. */
export type Secret = (name: string) => string | null;

/** What the upstreams of a worker share. */
export type Surroundings = {
  readonly secret: Secret;
  readonly share: FleetShare;
  readonly pool: (name: string) => Pool;
};

export class Replica {
  readonly #share: FleetShare;
  upstream: Upstream;
  model: ModelName;
  pool: Pool;
  inFlight = 0;
  /** Monotonic time until which it is passed over, because it could not be reached. */
  avoidedUntilMs: number = Number.NEGATIVE_INFINITY;
  /** Value of the upstream's key; null where it has none, undefined where it should have one and it is not set. */
  key: string | null | undefined;

  constructor(upstream: Upstream, around: Surroundings) {
    this.#share = around.share;
    this.upstream = upstream;
    this.model = modelName(upstream.model);
    this.pool = around.pool(upstream.pool);
    this.update(upstream, around);
  }

  /** Takes on the upstream as the newest table has it. */
  update(upstream: Upstream, { secret, pool }: Surroundings): void {
    this.upstream = upstream;
    this.model = modelName(upstream.model);
    this.pool = pool(upstream.pool);
    this.key = upstream.keyEnv === null ? null : (secret(upstream.keyEnv) ?? undefined);
  }

  isAvoided(nowMs: number): boolean {
    return nowMs < this.avoidedUntilMs;
  }

  /** This worker's share of the requests that may be in flight here. */
  get slots(): number {
    return this.#share.slotsOf(this.upstream.inFlightMax);
  }

  /**
   * Whether what its answers say of limits is said of the pool: where a client's own key is forwarded, it may be that
   * client's quota, and no other's.
   */
  get speaksForPool(): boolean {
    return this.upstream.keyEnv !== null || this.pool.isDeclared;
  }

  /** Takes in what the head of an answer says of the provider's limits. */
  hear(status: number, headers: RawHeaders, clock: Clock): void {
    if (!this.speaksForPool) return;
    const limits = rateLimitsOf(headers, clock.wall);
    if (limits !== null) this.pool.hear(limits, status, clock.mono());
  }
}
