// A clock that stands still until a test moves it.
import type { Cancel, Clock } from "@slipway/core";

/** Some moment, in the middle of a tick of no length that the tests use. */
const START_MS = 1_767_225_600_000;

export class FakeClock implements Clock {
  #elapsedMs = 0;
  #wallShiftMs = 0;
  readonly #timers = new Map<number, { atMs: number; fire: () => void }>();
  #next = 1;

  readonly wall = (): number => START_MS + this.#elapsedMs + this.#wallShiftMs;
  readonly mono = (): number => this.#elapsedMs;
  readonly after = (delayMs: number, fire: () => void): Cancel => {
    const id = this.#next++;
    this.#timers.set(id, { atMs: this.#elapsedMs + delayMs, fire });
    return () => this.#timers.delete(id);
  };

  advance(ms: number): void {
    this.#elapsedMs += ms;
    for (const [id, { atMs, fire }] of this.#timers) {
      if (atMs > this.#elapsedMs) continue;
      this.#timers.delete(id);
      fire();
    }
  }

  /** Sets the wall clock alone. */
  jump(ms: number): void {
    this.#wallShiftMs += ms;
  }
}
