// What a provider's headers last said of one quota: how much was left, of how much, and when all of it is back. Between
// two answers it refills evenly, as OpenAI and Anthropic describe their buckets.

export class ToldQuota {
  /** Null while nobody said. */
  limit: number | null = null;
  #remaining = Number.POSITIVE_INFINITY;
  #atMs = 0;
  /** When all of the limit is back; until then what was said holds. */
  #fullAtMs = Number.NEGATIVE_INFINITY;

  told(limit: number | null, remaining: number, resetMs: number, nowMs: number): void {
    this.limit = limit ?? this.limit;
    this.#remaining = remaining;
    this.#atMs = nowMs;
    this.#fullAtMs = nowMs + resetMs;
  }

  /** Null when what was said is over, and nobody knows. */
  remaining(nowMs: number): number | null {
    if (nowMs >= this.#fullAtMs) return null;
    return this.#remaining + (nowMs - this.#atMs) * this.#perMs;
  }

  /** Milliseconds until `amount` is there, after `before` was taken. */
  waitMs(amount: number, before: number, nowMs: number): number {
    const remaining = this.remaining(nowMs);
    if (remaining === null) return 0;
    const missing = before + Math.min(amount, this.limit ?? amount) - remaining;
    if (missing <= 0) return 0;
    const leftMs = this.#fullAtMs - nowMs;
    const perMs = this.#perMs;
    return perMs > 0 ? Math.min(leftMs, missing / perMs) : leftMs;
  }

  take(amount: number): void {
    this.#remaining -= amount;
  }

  /** Without a limit the whole quota comes back at once, at the end. */
  get #perMs(): number {
    const missing = this.limit === null ? 0 : this.limit - this.#remaining;
    return missing <= 0 ? 0 : missing / (this.#fullAtMs - this.#atMs);
  }
}
