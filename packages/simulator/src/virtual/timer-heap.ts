// A binary heap of timers, earliest first, and first come first served among equal times. Each timer knows
// its place, so that the many that are cancelled (deadlines, mostly) leave at once instead of piling up.

export type Timer = {
  readonly atMs: number;
  readonly sequence: number;
  readonly fire: () => void;
  place: number;
};

const GONE = -1;

export class TimerHeap {
  readonly #timers: Timer[] = [];
  #sequence = 0;

  get size(): number {
    return this.#timers.length;
  }

  peek(): Timer | undefined {
    return this.#timers[0];
  }

  push(atMs: number, fire: () => void): Timer {
    const timer: Timer = { atMs, sequence: this.#sequence++, fire, place: this.#timers.length };
    this.#timers.push(timer);
    this.#up(timer);
    return timer;
  }

  /** Takes a timer out; one that is already out stays out. */
  remove(timer: Timer): void {
    if (timer.place === GONE) return;
    const place = timer.place;
    timer.place = GONE;
    const last = this.#timers.pop();
    if (last === undefined || last === timer) return;
    this.#put(last, place);
    this.#up(last);
    this.#down(last);
  }

  #put(timer: Timer, place: number): void {
    this.#timers[place] = timer;
    timer.place = place;
  }

  #up(timer: Timer): void {
    while (timer.place > 0) {
      const above = this.#timers[(timer.place - 1) >> 1];
      if (above === undefined || before(above, timer)) return;
      this.#swap(above, timer);
    }
  }

  #down(timer: Timer): void {
    for (;;) {
      const left = this.#timers[2 * timer.place + 1];
      const right = this.#timers[2 * timer.place + 2];
      const least = right !== undefined && left !== undefined && before(right, left) ? right : left;
      if (least === undefined || before(timer, least)) return;
      this.#swap(timer, least);
    }
  }

  #swap(a: Timer, b: Timer): void {
    const place = a.place;
    this.#put(a, b.place);
    this.#put(b, place);
  }
}

function before(a: Timer, b: Timer): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.sequence < b.sequence);
}
