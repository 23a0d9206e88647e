// One life of the controller's process, from its start to its death: after that no call of it returns, no timer fires,
// and nothing of it reaches the store. A commit in whose middle it dies has happened, or has not.
import {
  type Change,
  type Controller,
  createController,
  type Digest,
  type Log,
  type Store,
  TICK_EVERY_MS,
} from "@slipway/controller";
import type { Cancel } from "@slipway/core";
import { never } from "./never.ts";
import type { ProcessClock } from "./process-clock.ts";

/** What becomes of one commit. */
export type CommitFate =
  | { readonly kind: "stored"; readonly delayMs: number }
  | { readonly kind: "fails" | "crash"; readonly when: "before" | "after" };

export type ControllerLifeOptions = {
  readonly number: number;
  readonly clock: ProcessClock;
  /** What survives it. */
  readonly disk: Store;
  readonly digest: Digest;
  readonly nextId: () => string;
  readonly commitFate: () => CommitFate;
  /** It dies of itself. */
  readonly onCrash: (life: ControllerLife) => void;
  /** It reports trouble that must not happen. */
  readonly onTrouble: (text: string) => void;
  readonly tamper?: ((controller: Controller) => Controller) | undefined;
};

class StoreFailure extends Error {
  override readonly name = "StoreFailure";
}

/** What the store does to it is the world's doing; anything else that it complains of is its own. */
const EXPECTED: ReadonlySet<string> = new Set(["a commit failed", "a tick failed"]);

export class ControllerLife {
  readonly number: number;
  readonly controller: Controller;
  readonly #options: ControllerLifeOptions;
  #isReady = false;
  /** Commits that wait for the disk, which is a wait in virtual time. */
  #waits = 0;
  /** Calls from outside that have not been answered. */
  #calls = 0;
  #stop: Cancel = () => {};

  constructor(options: ControllerLifeOptions) {
    this.#options = options;
    this.number = options.number;
    const { clock, digest, nextId, tamper } = options;
    const created = createController({
      clock,
      ids: { next: nextId },
      digest,
      log: this.#log(),
      store: this.#store(),
    });
    this.controller = tamper?.(created) ?? created;
  }

  /** Whether it answers. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** Whether promises are under way that need no timer to go on. */
  get isBusy(): boolean {
    if (this.#waits > 0) return false;
    return !this.#isReady || this.#calls > 0 || this.controller.busy();
  }

  open(): void {
    this.controller.open().then(
      () => {
        this.#isReady = true;
        this.#stop = this.controller.run(TICK_EVERY_MS);
      },
      (error: unknown) => {
        const { onTrouble, onCrash } = this.#options;
        if (!(error instanceof StoreFailure)) onTrouble(`it cannot open: ${String(error)}`);
        onCrash(this);
      },
    );
  }

  die(): void {
    this.#isReady = false;
    this.#options.clock.die();
    this.#stop();
  }

  jump(byMs: number): void {
    this.#options.clock.jump(byMs);
  }

  /** Calls it from outside; never answered when it dies first. */
  async call<T>(work: (controller: Controller) => Promise<T>): Promise<T> {
    this.#calls++;
    try {
      return await work(this.controller);
    } finally {
      this.#calls--;
    }
  }

  #log(): Log {
    const quiet = (): void => {};
    return {
      info: quiet,
      warn: quiet,
      error: (fields, message) => {
        // A page is for a person: nothing is wrong with the controller.
        if (EXPECTED.has(message) || fields["page"] === true) return;
        this.#options.onTrouble(`${message}: ${JSON.stringify(fields)}`);
      },
    };
  }

  #store(): Store {
    const { clock, disk } = this.#options;
    return {
      ...disk,
      open: async () => {
        if (!clock.isAlive) await never();
        const snapshot = await disk.open();
        return clock.isAlive ? snapshot : await never();
      },
      commit: (fence, changes) => this.#commit(fence, changes),
    };
  }

  async #commit(fence: number, changes: readonly Change[]): Promise<void> {
    const { clock, commitFate, disk } = this.#options;
    if (!clock.isAlive) await never();
    const fate = commitFate();
    if (fate.kind === "stored" && fate.delayMs > 0) await this.#wait(fate.delayMs);
    await this.#perhapsFail(fate, "before");
    await disk.commit(fence, changes);
    await this.#perhapsFail(fate, "after");
  }

  async #wait(delayMs: number): Promise<void> {
    this.#waits++;
    await new Promise<void>((resolve) => {
      this.#options.clock.after(delayMs, () => {
        this.#waits--;
        resolve();
      });
    });
  }

  async #perhapsFail(fate: CommitFate, when: "before" | "after"): Promise<void> {
    if (fate.kind === "stored" || fate.when !== when) return;
    if (fate.kind === "fails") throw new StoreFailure("the disk failed (simulated)");
    this.#options.onCrash(this);
    await never();
  }
}
