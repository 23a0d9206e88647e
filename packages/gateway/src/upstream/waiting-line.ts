// The queue of a version: interactive requests and background ones, each first come, first served. Interactive comes
// first; background, while it waits, gets every tenth turn.

import { BACKGROUND_QUEUE_SHARE, BACKGROUND_TURN, type Priority } from "./priority.ts";

type Waiting = { readonly priority: Priority };

export class WaitingLine<Waiter extends Waiting> {
  readonly #interactive = new Set<Waiter>();
  readonly #background = new Set<Waiter>();
  /** Interactive requests that were served while background waited. */
  #passedOver = 0;

  get size(): number {
    return this.#interactive.size + this.#background.size;
  }

  waiting(priority: Priority): number {
    if (priority === "shadow") return 0;
    return (priority === "interactive" ? this.#interactive : this.#background).size;
  }

  /** Those whom one more of this priority would wait behind. */
  ahead(priority: Priority): number {
    return priority === "interactive" ? this.#interactive.size : this.size;
  }

  /** Whether one more may wait, where `lengthMax` may in all. */
  hasRoom(priority: Priority, lengthMax: number): boolean {
    if (priority === "shadow" || this.size >= lengthMax) return false;
    return priority === "interactive" || this.#background.size < lengthMax * BACKGROUND_QUEUE_SHARE;
  }

  /** The next free slot belongs to background, whatever its share. */
  get isBackgroundsTurn(): boolean {
    return this.#background.size > 0 && this.#passedOver >= BACKGROUND_TURN - 1;
  }

  /** Whether one that comes now may be served before all who wait. */
  mayPass(priority: Priority): boolean {
    if (priority !== "interactive") return this.size === 0;
    return this.#interactive.size === 0 && !this.isBackgroundsTurn;
  }

  /** Who waits, in order. */
  of(priority: "interactive" | "background"): Iterable<Waiter> {
    return priority === "interactive" ? this.#interactive : this.#background;
  }

  add(waiter: Waiter): void {
    if (waiter.priority === "interactive") this.#interactive.add(waiter);
    else this.#background.add(waiter);
  }

  remove(waiter: Waiter): void {
    if (!this.#interactive.delete(waiter)) this.#background.delete(waiter);
  }

  /** A request has its slot, whether or not it waited. */
  served(priority: Priority): void {
    if (priority === "background" || this.#background.size === 0) this.#passedOver = 0;
    else if (priority === "interactive") this.#passedOver++;
  }
}
