// Requests that are being served or still being received, and the one coarse timer that watches over all of them: deadlines, horizons
// and waits are checked in passing, so that no request has a timer of its own.

import type { Cancel, Clock } from "@slipway/core";
import type { Passage } from "./passage.ts";

const CHECK_EVERY_MS = 25;

/** Looks at one open request; `nowMs` is monotonic. */
export type Check = (passage: Passage, nowMs: number) => void;

export class OpenRequests {
  readonly #clock: Clock;
  readonly #check: Check;
  readonly #serve: (nowMs: number) => void;
  readonly #open = new Set<Passage>();
  #readings = 0;
  #timer: Cancel | null = null;
  #onEmpty: (() => void) | null = null;

  /** `serve` is called before each look: who can have a slot by now must not be told that there is none. */
  constructor(clock: Clock, check: Check, serve: (nowMs: number) => void) {
    this.#clock = clock;
    this.#check = check;
    this.#serve = serve;
  }

  get size(): number {
    return this.#open.size;
  }

  add(passage: Passage): void {
    this.#open.add(passage);
    if (this.#timer === null) this.#arm();
  }

  remove(passage: Passage): void {
    this.#open.delete(passage);
    if (this.#open.size > 0) return;
    this.#timer?.();
    this.#timer = null;
    this.#tellIfEmpty();
  }

  /** The body of a request begins to come. */
  beginReading(): void {
    this.#readings++;
  }

  /** It has come, and the request is open, or answered; or it will not come any more. */
  endReading(): void {
    this.#readings--;
    this.#tellIfEmpty();
  }

  all(): Iterable<Passage> {
    return this.#open;
  }

  checkAll(): void {
    const nowMs = this.#clock.mono();
    this.#serve(nowMs);
    for (const passage of this.#open) this.#check(passage, nowMs);
  }

  /** Calls `fire` once, when nothing is open, and nothing is about to be. */
  whenEmpty(fire: () => void): void {
    this.#onEmpty = () => {
      this.#onEmpty = null;
      fire();
    };
    this.#tellIfEmpty();
  }

  #tellIfEmpty(): void {
    if (this.#open.size + this.#readings === 0) this.#onEmpty?.();
  }

  #arm(): void {
    this.#timer = this.#clock.after(CHECK_EVERY_MS, () => {
      this.#timer = null;
      this.checkAll();
      if (this.#open.size > 0 && this.#timer === null) this.#arm();
    });
  }
}
