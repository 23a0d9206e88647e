// One upstream of a version, with the requests that this worker has in flight there.

import type { Upstream } from "@slipway/core";
import { type ModelName, modelName } from "../body/spliced.ts";

export class Replica {
  upstream: Upstream;
  model: ModelName;
  inFlight = 0;
  /** Monotonic time until which it is passed over, because it could not be reached. */
  avoidedUntilMs: number = Number.NEGATIVE_INFINITY;
  /** Value of the upstream's key; null where it has none, undefined where it should have one and it is not set. */
  key: string | null | undefined;

  constructor(upstream: Upstream, key: string | null | undefined) {
    this.upstream = upstream;
    this.model = modelName(upstream.model);
    this.key = key;
  }

  /** Takes on the upstream as the newest table has it. */
  update(upstream: Upstream, key: string | null | undefined): void {
    this.upstream = upstream;
    this.model = modelName(upstream.model);
    this.key = key;
  }

  isAvoided(nowMs: number): boolean {
    return nowMs < this.avoidedUntilMs;
  }

  /** Requests that may be in flight here. */
  get slots(): number {
    return this.upstream.inFlightMax;
  }
}
