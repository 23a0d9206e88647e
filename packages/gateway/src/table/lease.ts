// The lease: how long this worker may route to a candidate without hearing from a controller. Counted on the
// monotonic clock, from when the frame was sent whose acknowledgement renewed it.

export class Lease {
  #untilMs = Number.NEGATIVE_INFINITY;

  /** `sentMs` and every other time here is monotonic, in milliseconds. A lease of 0 renews nothing. */
  renew(sentMs: number, leaseMs: number): void {
    if (leaseMs > 0) this.#untilMs = Math.max(this.#untilMs, sentMs + leaseMs);
  }

  isValid(nowMs: number): boolean {
    return nowMs < this.#untilMs;
  }

  /** Milliseconds left; 0 when there is none. */
  remainingMs(nowMs: number): number {
    return Math.max(0, this.#untilMs - nowMs);
  }
}
