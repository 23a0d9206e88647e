// The clock of one simulated process: its own origin of monotonic time, its own idea of the wall, its own pace, and
// timers that die with it.
import type { Cancel, Clock } from "@slipway/core";

const NOTHING: Cancel = () => {};
/** Timers never fire early, whatever the last bits of a product say. */
const ROUNDING_MS = 1e-6;

export type ClockFault = {
  /** What its monotonic clock says more than the world's. */
  readonly originMs: number;
  /** The same of its wall clock. */
  readonly skewMs: number;
  /** How much faster it runs than the world's: 0.001 gains a millisecond a second. */
  readonly drift: number;
};

export class ProcessClock implements Clock {
  readonly #world: Clock;
  readonly #originMs: number;
  readonly #pace: number;
  #skewMs: number;
  #isAlive = true;

  constructor(world: Clock, { originMs, skewMs, drift }: ClockFault) {
    this.#world = world;
    this.#originMs = originMs;
    this.#skewMs = skewMs;
    this.#pace = 1 + drift;
  }

  readonly wall = (): number =>
    this.#world.wall() + this.#world.mono() * (this.#pace - 1) + this.#skewMs;

  readonly mono = (): number => this.#world.mono() * this.#pace + this.#originMs;

  readonly after = (delayMs: number, fire: () => void): Cancel => {
    if (!this.#isAlive) return NOTHING;
    const worldMs = this.#pace === 1 ? delayMs : delayMs / this.#pace + ROUNDING_MS;
    return this.#world.after(worldMs, () => {
      if (this.#isAlive) fire();
    });
  };

  get isAlive(): boolean {
    return this.#isAlive;
  }

  /** Sets the wall clock by so much. */
  jump(byMs: number): void {
    this.#skewMs += byMs;
  }

  /** No timer fires any more. */
  die(): void {
    this.#isAlive = false;
  }
}
