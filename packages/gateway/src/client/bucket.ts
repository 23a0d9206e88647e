// A token bucket: so many a minute, with one minute's worth at once. It may be overdrawn, and then pays back first.

const MINUTE_MS = 60_000;

export class Bucket {
  #perMinute: number;
  #level: number;
  #atMs: number;

  /** It begins full. `nowMs` here and below is monotonic. */
  constructor(perMinute: number, nowMs: number) {
    this.#perMinute = perMinute;
    this.#level = this.#capacity;
    this.#atMs = nowMs;
  }

  /** What is in it goes on in proportion, so that a changed limit neither forgives nor punishes. */
  setRate(perMinute: number, nowMs: number): void {
    if (perMinute === this.#perMinute) return;
    const part = this.level(nowMs) / this.#capacity;
    this.#perMinute = perMinute;
    this.#level = part * this.#capacity;
  }

  level(nowMs: number): number {
    const gained = ((nowMs - this.#atMs) * this.#perMinute) / MINUTE_MS;
    this.#level = Math.min(this.#capacity, this.#level + gained);
    this.#atMs = nowMs;
    return this.#level;
  }

  /** A negative amount is given back. */
  take(amount: number, nowMs: number): void {
    this.#level = Math.min(this.#capacity, this.level(nowMs) - amount);
  }

  /** Milliseconds until there is so much in it; 0 when there is. */
  msUntil(level: number, nowMs: number): number {
    const missing = Math.min(level, this.#capacity) - this.level(nowMs);
    return missing <= 0 ? 0 : (missing * MINUTE_MS) / this.#perMinute;
  }

  msUntilFull(nowMs: number): number {
    return this.msUntil(this.#capacity, nowMs);
  }

  /** At least one, or a small share of a small limit would let nothing through for ever. */
  get #capacity(): number {
    return Math.max(1, this.#perMinute);
  }
}
