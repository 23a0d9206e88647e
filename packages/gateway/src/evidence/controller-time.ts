// The controller's time as this worker knows it: its own monotonic clock plus an offset learnt from
// acknowledgements. Ticks are cut by it, so that all gateways cut them alike. It never goes back.

import type { Clock } from "@slipway/core";

/** The offset comes from the quickest of so many exchanges: the quicker, the less it can be off. */
const EXCHANGES_KEPT = 8;

export class ControllerTime {
  readonly #clock: Clock;
  readonly #exchanges: { readonly tookMs: number; readonly offsetMs: number }[] = [];
  #offsetMs = 0;
  #latestMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** False until the first acknowledgement: nothing can be put into a tick before. */
  get isKnown(): boolean {
    return this.#exchanges.length > 0;
  }

  /** Milliseconds since the epoch on the controller's clock. */
  now(): number {
    this.#latestMs = Math.max(this.#latestMs, this.#clock.mono() + this.#offsetMs);
    return this.#latestMs;
  }

  /** A frame was sent at `sentMs` and answered just now (both monotonic); the controller's clock said `nowMs`. */
  learn(sentMs: number, nowMs: number): void {
    const answeredMs = this.#clock.mono();
    const tookMs = answeredMs - sentMs;
    this.#exchanges.push({ tookMs, offsetMs: nowMs - (sentMs + tookMs / 2) });
    if (this.#exchanges.length > EXCHANGES_KEPT) this.#exchanges.shift();
    const quickest = this.#exchanges.reduce((a, b) => (b.tookMs <= a.tookMs ? b : a));
    this.#offsetMs = quickest.offsetMs;
  }
}
