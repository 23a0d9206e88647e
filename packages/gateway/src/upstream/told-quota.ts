// What a provider's headers last said of one quota: how much was left, of how much, and when all of it is back. Between
// two answers it refills evenly, as OpenAI and Anthropic describe their buckets.

/** For so long after an answer its limit is believed, or until all of it was to be back, where that is later. */
const BELIEVED_MS = 60_000;

export class ToldQuota {
  /** Null while nobody said. */
  limit: number | null = null;
  #remaining = Number.POSITIVE_INFINITY;
  /** The time that `#remaining` is of. */
  #atMs = 0;
  /** Until then all of what was missing is back, by what was said. */
  #fullAtMs = Number.NEGATIVE_INFINITY;
  #believedUntilMs = Number.NEGATIVE_INFINITY;
  /** What comes back in a millisecond, by the newest answer that tells; 0: none did. Requests sent since do not speed it up. */
  #perMs = 0;

  told(limit: number | null, remaining: number, resetMs: number, nowMs: number): void {
    if (limit !== null && limit !== this.limit) this.#perMs = 0;
    this.limit = limit ?? this.limit;
    this.#remaining = remaining;
    this.#atMs = nowMs;
    this.#fullAtMs = nowMs + resetMs;
    this.#believedUntilMs = nowMs + Math.max(resetMs, BELIEVED_MS);
    const missing = this.limit === null ? 0 : this.limit - remaining;
    // A full bucket does not tell how fast it refills: what was known of that holds.
    if (missing > 0 && resetMs > 0) this.#perMs = missing / resetMs;
  }

  /** Null when what was said is over, and nobody knows. */
  remaining(nowMs: number): number | null {
    if (nowMs >= this.#overMs) return null;
    const refilled = this.#remaining + Math.max(0, nowMs - this.#atMs) * this.#perMs;
    this.#remaining = Math.min(this.limit ?? Number.POSITIVE_INFINITY, refilled);
    this.#atMs = Math.max(this.#atMs, nowMs);
    return this.#remaining;
  }

  /** Milliseconds until `amount` is there, after `before` was taken. */
  waitMs(amount: number, before: number, nowMs: number): number {
    const remaining = this.remaining(nowMs);
    if (remaining === null) return 0;
    const missing = before + Math.min(amount, this.limit ?? amount) - remaining;
    if (missing <= 0) return 0;
    const leftMs = this.#overMs - nowMs;
    return this.#perMs > 0 ? Math.min(leftMs, missing / this.#perMs) : leftMs;
  }

  /** At the time of the last `waitMs`, or of the last `told`. */
  take(amount: number): void {
    this.#remaining -= amount;
  }

  /** Without a rate the whole quota comes back at once, at the end. */
  get #overMs(): number {
    return this.#perMs > 0 ? this.#believedUntilMs : this.#fullAtMs;
  }
}
