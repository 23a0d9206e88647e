// A declared quota as a bucket that refills evenly. What it lets pass in any minute, its burst included, is no more than
// the quota, so that a provider that counts by the minute or by the second finds nothing to refuse.

const MINUTE_MS = 60_000;
/** Share of a minute's quota that may pass at once; the rest refills evenly. */
const BURST_SHARE = 0.05;

export class Allowance {
  #perMinute: number;
  #level: number;
  #atMs: number;

  constructor(perMinute: number, nowMs: number) {
    this.#perMinute = perMinute;
    this.#level = this.capacity;
    this.#atMs = nowMs;
  }

  /** At least 1, so that a small share of a small quota still lets a request pass. */
  get capacity(): number {
    return Math.max(1, this.#perMinute * BURST_SHARE);
  }

  level(nowMs: number): number {
    this.#refill(nowMs);
    return this.#level;
  }

  /** What was used up counts on under a new limit. */
  update(perMinute: number, nowMs: number): void {
    if (perMinute === this.#perMinute) return;
    this.#refill(nowMs);
    this.#perMinute = perMinute;
    this.#level = Math.min(this.#level, this.capacity);
  }

  /**
   * Milliseconds until `amount` may pass, after `before` has. An amount above the capacity passes when the bucket is full,
   * and is paid for afterwards.
   */
  waitMs(amount: number, before: number, nowMs: number): number {
    this.#refill(nowMs);
    const missing = before + Math.min(amount, this.capacity) - this.#level;
    return missing <= 0 ? 0 : missing / this.#perMs;
  }

  /** A negative amount gives back. */
  take(amount: number): void {
    this.#level = Math.min(this.capacity, this.#level - amount);
  }

  get #perMs(): number {
    return (this.#perMinute * (1 - BURST_SHARE)) / MINUTE_MS;
  }

  #refill(nowMs: number): void {
    const passedMs = nowMs - this.#atMs;
    if (passedMs <= 0) return;
    this.#atMs = nowMs;
    this.#level = Math.min(this.capacity, this.#level + passedMs * this.#perMs);
  }
}
