// The controller of a world: one life of its process after the other over a store that survives them, and at times
// two at once, of which only the younger leads.
import { type Controller, createMemoryStore, type Digest, type Store } from "@slipway/controller";
import type { Clock, Random } from "@slipway/core";
import { type CommitFate, ControllerLife } from "./controller-life.ts";
import type { WorldEvent } from "./event.ts";
import { never } from "./never.ts";
import { ProcessClock } from "./process-clock.ts";

export type ControllerProcessOptions = {
  readonly clock: Clock;
  readonly random: Random;
  /** How far its clock's pace may be off, either way. */
  readonly driftMax: number;
  readonly digest: Digest;
  readonly tell: (event: WorldEvent) => void;
  readonly commitFate: () => CommitFate;
  /** Its connections break. */
  readonly onDeath: () => void;
  /** Puts a planted bug between the controller and its store, or around the controller itself. */
  readonly tamperStore?: ((store: Store) => Store) | undefined;
  readonly tamperController?: ((controller: Controller) => Controller) | undefined;
};

export class ControllerProcess {
  readonly #options: ControllerProcessOptions;
  readonly #disk: Store;
  #life: ControllerLife | null = null;
  /** Overthrown by the one above, and not aware of it. */
  #deposed: ControllerLife | null = null;
  #lives = 0;
  #ids = 0;
  #skewMs = 0;

  constructor(options: ControllerProcessOptions) {
    this.#options = options;
    const { tell, tamperStore } = options;
    const store = createMemoryStore("store-1", {
      afterCommit: (changes) => tell({ kind: "committed", changes }),
    });
    this.#disk = tamperStore?.(store) ?? store;
  }

  /** Who leads and answers; null while it is down, or not open yet. */
  get controller(): Controller | null {
    return this.#life?.isReady === true ? this.#life.controller : null;
  }

  /** Whom a gateway reaches: with two about, either. `draw` in [0, 1) decides. */
  reached(draw: number): Controller | null {
    if (this.#deposed !== null && draw < 0.5) return this.#deposed.controller;
    return this.controller;
  }

  /** Whether promises are under way that need no timer to go on. */
  readonly isBusy = (): boolean => {
    return this.#life?.isBusy === true || this.#deposed?.isBusy === true;
  };

  /** The wall clock of its machine is set by so much, for this life and those that follow. */
  jump(byMs: number): void {
    this.#skewMs += byMs;
    this.#life?.jump(byMs);
  }

  start(): void {
    if (this.#life !== null) return;
    const { clock: world, random, driftMax, commitFate, digest, tell } = this.#options;
    const tamper = this.#options.tamperController;
    const number = ++this.#lives;
    // Another origin of monotonic time after every start, as after a boot.
    const drift = (random.next() * 2 - 1) * driftMax;
    const clock = new ProcessClock(world, {
      originMs: 1_000 * number,
      skewMs: this.#skewMs,
      drift,
    });
    const life = new ControllerLife({
      number,
      clock,
      disk: this.#disk,
      digest,
      nextId: () => `rollout-${++this.#ids}`,
      commitFate,
      onCrash: (one) => this.#bury(one),
      onTrouble: (text) => tell({ kind: "controller-failed", text }),
      tamper,
    });
    this.#life = life;
    tell({ kind: "controller-started", life: number });
    life.open();
  }

  crash(): void {
    if (this.#life !== null) this.#bury(this.#life);
  }

  /** Another takes over the store, while this one goes on as if it led. */
  overthrow(): void {
    if (this.#life?.isReady !== true) return;
    this.endDeposed();
    this.#deposed = this.#life;
    this.#life = null;
    this.start();
  }

  endDeposed(): void {
    if (this.#deposed !== null) this.#bury(this.#deposed);
  }

  /** Calls the leader from outside; never answered when it dies first, or is down. */
  async call<T>(work: (controller: Controller) => Promise<T>): Promise<T> {
    const life = this.#life;
    return life?.isReady === true ? await life.call(work) : await never();
  }

  #bury(life: ControllerLife): void {
    if (life === this.#life) this.#life = null;
    else if (life === this.#deposed) this.#deposed = null;
    else return;
    life.die();
    this.#options.tell({ kind: "controller-crashed", life: life.number });
    this.#options.onDeath();
  }
}
