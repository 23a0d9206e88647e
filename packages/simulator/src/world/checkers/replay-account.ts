// How many replays a worker may afford, worked out anew: a share of its candidate requests of the last ten seconds, and
// ten more.

const SECONDS = 10;
const REPLAYS_FREE = 10;

export class ReplayAccount {
  readonly #share: number;
  readonly #requests = new Map<number, number>();
  readonly #replays = new Map<number, number>();

  constructor(share: number) {
    this.#share = share;
  }

  request(nowMs: number): void {
    add(this.#requests, nowMs);
  }

  replay(nowMs: number): void {
    add(this.#replays, nowMs);
  }

  /** Whether one more replay is within the budget, were that smaller by `less`. */
  affords(nowMs: number, less = 0): boolean {
    const allowed = this.#share * lately(this.#requests, nowMs) + REPLAYS_FREE - less;
    return lately(this.#replays, nowMs) < allowed;
  }
}

function add(counts: Map<number, number>, nowMs: number): void {
  const second = Math.floor(nowMs / 1_000);
  counts.set(second, (counts.get(second) ?? 0) + 1);
}

function lately(counts: ReadonlyMap<number, number>, nowMs: number): number {
  const second = Math.floor(nowMs / 1_000);
  let total = 0;
  for (let i = 0; i < SECONDS; i++) total += counts.get(second - i) ?? 0;
  return total;
}
