// A clock that only moves when it is told to, from one timer to the next, in an order that is always the
// same. Hours pass in seconds, and a run that failed can be had again exactly.
import type { Cancel, Clock } from "@slipway/core";
import { TimerHeap } from "./timer-heap.ts";

export type VirtualClockOptions = {
  /** Wall time of the start, ms since the Unix epoch. */
  readonly epochMs?: number;
  /** More timers than this waiting at once is taken for a leak. */
  readonly timersMax?: number;
};

/** How code that awaits promises is driven: after a timer, while `pending()` is true, `settle()` is awaited. */
export type Settling = {
  /** Whether the code under simulation has promises under way. */
  readonly pending: () => boolean;
  /** Lets those promises run on, typically a promise that `setImmediate` resolves. */
  readonly settle: () => Promise<void>;
  /** After so many rounds for one timer the work is taken to wait for a later timer. */
  readonly roundsMax?: number;
};

// 2026-01-01T00:00:00Z. Any fixed moment will do; a fixed one keeps every run of a world the same.
const EPOCH_MS = 1_767_225_600_000;
const TIMERS_MAX = 10_000_000;
const ROUNDS_MAX = 100;

export class VirtualClock implements Clock {
  readonly #heap = new TimerHeap();
  readonly #epochMs: number;
  readonly #timersMax: number;
  #nowMs = 0;
  #fired = 0;

  constructor(options: VirtualClockOptions = {}) {
    this.#epochMs = options.epochMs ?? EPOCH_MS;
    this.#timersMax = options.timersMax ?? TIMERS_MAX;
  }

  // Arrow properties, because a Clock's functions are handed around without the clock.
  readonly wall = (): number => this.#epochMs + this.#nowMs;

  readonly mono = (): number => this.#nowMs;

  readonly after = (delayMs: number, fire: () => void): Cancel => {
    if (Number.isNaN(delayMs)) throw new RangeError("a timer's delay is not a number");
    if (this.#heap.size >= this.#timersMax) {
      throw new RangeError(`more than ${this.#timersMax} timers are waiting`);
    }
    const timer = this.#heap.push(this.#nowMs + Math.max(0, delayMs), fire);
    return () => this.#heap.remove(timer);
  };

  /** Timers that have yet to fire. */
  get pending(): number {
    return this.#heap.size;
  }

  /** Timers that have fired so far. */
  get fired(): number {
    return this.#fired;
  }

  /** When the next timer fires (monotonic ms), or undefined when none waits. */
  get nextMs(): number | undefined {
    return this.#heap.peek()?.atMs;
  }

  /** Moves to the next timer and fires it. False when none waits, or none before `untilMs`. */
  step(untilMs: number = Number.POSITIVE_INFINITY): boolean {
    const next = this.#heap.peek();
    if (next === undefined || next.atMs > untilMs) return false;
    this.#heap.remove(next);
    this.#nowMs = next.atMs;
    this.#fired++;
    next.fire();
    return true;
  }

  /** Fires everything due up to and including `untilMs`, and ends there; without it, until nothing waits. */
  run(untilMs: number = Number.POSITIVE_INFINITY): void {
    while (this.step(untilMs));
    this.#rest(untilMs);
  }

  /** As `run`, for code that also awaits promises: virtual time stands still until those have settled. */
  async runAsync(untilMs: number, settling: Settling): Promise<void> {
    await drain(settling);
    while (this.step(untilMs)) {
      if (settling.pending()) await drain(settling);
    }
    this.#rest(untilMs);
  }

  #rest(untilMs: number): void {
    if (Number.isFinite(untilMs)) this.#nowMs = Math.max(this.#nowMs, untilMs);
  }
}

async function drain(settling: Settling): Promise<void> {
  const rounds = settling.roundsMax ?? ROUNDS_MAX;
  for (let round = 0; round < rounds && settling.pending(); round++) await settling.settle();
}
