// The clock of one simulated process: its own origin of monotonic time, its own idea of the wall, and timers
// that die with it.
import type { Cancel, Clock } from "@slipway/core";

const NOTHING: Cancel = () => {};

export class ProcessClock implements Clock {
  readonly #world: Clock;
  readonly #originMs: number;
  #skewMs: number;
  #isAlive = true;

  /** `originMs`: what its monotonic clock says more than the world's. `skewMs`: the same of its wall clock. */
  constructor(world: Clock, originMs: number, skewMs: number) {
    this.#world = world;
    this.#originMs = originMs;
    this.#skewMs = skewMs;
  }

  readonly wall = (): number => this.#world.wall() + this.#skewMs;

  readonly mono = (): number => this.#world.mono() + this.#originMs;

  readonly after = (delayMs: number, fire: () => void): Cancel => {
    if (!this.#isAlive) return NOTHING;
    return this.#world.after(delayMs, () => {
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
