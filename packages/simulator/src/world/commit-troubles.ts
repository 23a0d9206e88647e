// What becomes of the controller's commits in a world: most are stored, some late, some fail or die half-way; and a store
// is slow for a while, or takes nothing at all, as when its disk is full.
import { exponential, type Random } from "@slipway/core";
import type { CommitFate } from "./controller-life.ts";
import type { CommitTrouble } from "./plan.ts";

export type StoreFault = "store-slow" | "store-outage";

/** A commit to a store that is slow takes so long on average. */
const SLOW_MS_MEAN = 700;

export class CommitTroubles {
  readonly #trouble: CommitTrouble;
  readonly #random: Random;
  readonly #faults = new Map<StoreFault, number>();

  constructor(trouble: CommitTrouble, random: Random) {
    this.#trouble = trouble;
    this.#random = random;
  }

  begin(fault: StoreFault): void {
    this.#faults.set(fault, (this.#faults.get(fault) ?? 0) + 1);
  }

  end(fault: StoreFault): void {
    this.#faults.set(fault, (this.#faults.get(fault) ?? 0) - 1);
  }

  next(): CommitFate {
    const { crashShare, failShare, delayMsMean } = this.#trouble;
    const draw = this.#random.next();
    const when = this.#random.next() < 0.5 ? "before" : "after";
    if (this.#isOn("store-outage")) return { kind: "fails", when: "before" };
    if (draw < crashShare) return { kind: "crash", when };
    if (draw < crashShare + failShare) return { kind: "fails", when };
    const meanMs = this.#isOn("store-slow") ? SLOW_MS_MEAN : delayMsMean;
    return { kind: "stored", delayMs: meanMs > 0 ? exponential(this.#random, meanMs) : 0 };
  }

  #isOn(fault: StoreFault): boolean {
    return (this.#faults.get(fault) ?? 0) > 0;
  }
}
