// When a generator was held up: times in which it read nothing, though answers may have come. Told by a timer that fires
// later than it was to.

import type { Shot } from "@slipway/core";

/** Timers are no finer. */
const GRAIN_MS = 2;
/** Of hours of load on a machine without a free processor; more are not told apart. */
const PAUSES_MAX = 1_000_000;

type Pause = { readonly fromMs: number; toMs: number };

export class Pauses {
  /** In the order of time. */
  readonly #pauses: Pause[] = [];

  /** A timer that was due at `dueMs` fires only now. */
  add(dueMs: number, nowMs: number): void {
    if (nowMs - dueMs <= GRAIN_MS) return;
    const last = this.#pauses.at(-1);
    if (this.#pauses.length < PAUSES_MAX || last === undefined) {
      this.#pauses.push({ fromMs: dueMs, toMs: nowMs });
    } else {
      last.toMs = nowMs;
    }
  }

  /** The shot with how late its answer may have been read. */
  noted(shot: Shot): Shot {
    const { firstMs, lastMs } = shot;
    return {
      ...shot,
      firstLateMs: firstMs === null ? 0 : this.#lateAt(firstMs),
      lastLateMs: lastMs === null ? 0 : this.#lateAt(lastMs),
    };
  }

  /** What is read within a pause, or right after it, may have come when it began. */
  #lateAt(readMs: number): number {
    let [low, high] = [0, this.#pauses.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#pauses[middle]?.fromMs ?? 0) < readMs) low = middle + 1;
      else high = middle;
    }
    const pause = this.#pauses[low - 1];
    return pause === undefined || readMs > pause.toMs + GRAIN_MS ? 0 : readMs - pause.fromMs;
  }
}
