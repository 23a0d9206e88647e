// How many requests the gateway may send a second time: a share of the requests of the last ten seconds, plus a few.
// One budget holds for replays to stable, so that a broken candidate cannot double stable's load, and one for what is
// sent again to the same version, so that upstreams that break do not make more work of less.

const SECONDS = 10;
/** What is always allowed, so that little traffic is spared too. */
const RETRIES_FREE = 10;

export class RetryBudget {
  readonly #requests = new Array<number>(SECONDS).fill(0);
  readonly #retries = new Array<number>(SECONDS).fill(0);
  /** The most that were open at once. */
  readonly #opens = new Array<number>(SECONDS).fill(0);
  #second = 0;

  /** A request was sent for the first time; `open` are now, itself included. */
  request(nowMs: number, open: number = 0): void {
    const slot = this.#roll(nowMs);
    this.#requests[slot] = (this.#requests[slot] ?? 0) + 1;
    this.#opens[slot] = Math.max(this.#opens[slot] ?? 0, open);
  }

  /** The most that were open at once in the last ten seconds. */
  openMax(nowMs: number): number {
    this.#roll(nowMs);
    return Math.max(...this.#opens);
  }

  /** True when one more is within `share` of the requests, plus `free`; it is then spent. A share of 0 allows none. */
  spend(nowMs: number, share: number, free: number = 0): boolean {
    if (share === 0) return false;
    const slot = this.#roll(nowMs);
    const allowed = share * sum(this.#requests) + Math.max(RETRIES_FREE, free);
    if (sum(this.#retries) >= allowed) return false;
    this.#retries[slot] = (this.#retries[slot] ?? 0) + 1;
    return true;
  }

  #roll(nowMs: number): number {
    const second = Math.floor(nowMs / 1_000);
    const passed = Math.min(SECONDS, second - this.#second);
    for (let i = 0; i < passed; i++) {
      this.#requests[(second - i) % SECONDS] = 0;
      this.#retries[(second - i) % SECONDS] = 0;
      this.#opens[(second - i) % SECONDS] = 0;
    }
    this.#second = Math.max(this.#second, second);
    return this.#second % SECONDS;
  }
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
