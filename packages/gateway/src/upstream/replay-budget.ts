// How many failed candidate requests may be replayed to stable: a share of the candidate's requests over the
// last ten seconds, plus a few, so that a broken candidate cannot double stable's load.

const SECONDS = 10;
/** What is always allowed, so that a candidate with little traffic is spared too. */
const REPLAYS_FREE = 10;

export class ReplayBudget {
  readonly #requests = new Array<number>(SECONDS).fill(0);
  readonly #replays = new Array<number>(SECONDS).fill(0);
  #second = 0;

  /** A request was assigned to the candidate. */
  request(nowMs: number): void {
    const slot = this.#roll(nowMs);
    this.#requests[slot] = (this.#requests[slot] ?? 0) + 1;
  }

  /** True when one more replay is within `share` of the requests; it is then spent. A share of 0 allows none. */
  spend(nowMs: number, share: number): boolean {
    if (share === 0) return false;
    const slot = this.#roll(nowMs);
    if (sum(this.#replays) >= share * sum(this.#requests) + REPLAYS_FREE) return false;
    this.#replays[slot] = (this.#replays[slot] ?? 0) + 1;
    return true;
  }

  #roll(nowMs: number): number {
    const second = Math.floor(nowMs / 1_000);
    const passed = Math.min(SECONDS, second - this.#second);
    for (let i = 0; i < passed; i++) {
      this.#requests[(second - i) % SECONDS] = 0;
      this.#replays[(second - i) % SECONDS] = 0;
    }
    this.#second = Math.max(this.#second, second);
    return this.#second % SECONDS;
  }
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
