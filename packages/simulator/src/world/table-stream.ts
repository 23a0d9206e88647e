// One worker's stream of tables over the simulated network: in order while a connection lasts, silent while it is
// cut, made again with backoff when it breaks.
import type { Controller } from "@slipway/controller";
import type { Cancel, Clock, Random, Table } from "@slipway/core";
import type { Worker } from "./event.ts";

export type TableStreamOptions = {
  readonly worker: Worker;
  readonly clock: Clock;
  readonly random: Random;
  readonly controller: () => Controller | null;
  readonly delayMs: () => number;
  readonly isCut: () => boolean;
  readonly isUnreachable: () => boolean;
  readonly deliver: (table: Table) => void;
};

/** A stream that says nothing for so long is given up. */
const SILENCE_MS_MAX = 15_000;
const BACKOFF_MS_MIN = 100;
const BACKOFF_MS_MAX = 5_000;

type Connection = { isOpen: boolean; lastDueMs: number; readonly unfollow: Cancel };

export class TableStream {
  readonly worker: Worker;
  readonly #options: TableStreamOptions;
  /** Texts that arrived while the way was cut: a connection that outlives the cut brings them. */
  readonly #held: string[] = [];
  readonly #seen: string[] = [];
  #connection: Connection | null = null;
  #failures = 0;
  #cancelRetry: Cancel = () => {};
  #cancelSilence: Cancel = () => {};
  #isStopped = false;

  constructor(options: TableStreamOptions) {
    this.#options = options;
    this.worker = options.worker;
  }

  connect(): void {
    const { clock, controller, delayMs, isUnreachable } = this.#options;
    this.#cancelRetry = clock.after(delayMs(), () => {
      const found = controller();
      if (found === null || isUnreachable()) this.#retry();
      else this.#open(found);
    });
  }

  stop(): void {
    this.#isStopped = true;
    this.#close();
    this.#cancelRetry();
  }

  break(): void {
    if (this.#isStopped || this.#connection === null) return;
    this.#close();
    this.#retry();
  }

  /** The way is cut; the gateway finds out when it has heard nothing for too long. */
  silenced(): void {
    this.#cancelSilence();
    this.#cancelSilence = this.#options.clock.after(SILENCE_MS_MAX, () => this.break());
  }

  /** The way is free again. */
  heard(): void {
    this.#cancelSilence();
    for (const text of this.#held.splice(0)) this.#deliver(text);
  }

  /** `draw` in [0, 1) chooses among the tables that came before. */
  repeatOld(draw: number): void {
    const text = this.#seen[Math.floor(draw * this.#seen.length)];
    if (text !== undefined && !this.#isStopped) this.#deliver(text);
  }

  #open(controller: Controller): void {
    this.#failures = 0;
    const connection: Connection = {
      isOpen: true,
      lastDueMs: 0,
      unfollow: controller.onTable((table) => this.#send(connection, table)),
    };
    this.#connection = connection;
    this.#send(connection, controller.table());
  }

  #send(connection: Connection, table: Table): void {
    const { clock, delayMs, isCut } = this.#options;
    const text = JSON.stringify(table);
    connection.lastDueMs = Math.max(connection.lastDueMs, clock.mono() + delayMs());
    clock.after(connection.lastDueMs - clock.mono(), () => {
      if (!connection.isOpen) return;
      if (isCut()) this.#held.push(text);
      else this.#deliver(text);
    });
  }

  #deliver(text: string): void {
    this.#seen.push(text);
    this.#options.deliver(JSON.parse(text) as Table);
  }

  #close(): void {
    this.#cancelSilence();
    this.#held.length = 0;
    if (this.#connection === null) return;
    this.#connection.isOpen = false;
    this.#connection.unfollow();
    this.#connection = null;
  }

  #retry(): void {
    const { clock, random } = this.#options;
    const backoffMs = Math.min(BACKOFF_MS_MAX, BACKOFF_MS_MIN * 2 ** Math.min(this.#failures, 10));
    this.#failures++;
    this.#cancelRetry = clock.after(backoffMs * (0.5 + random.next() / 2), () => this.connect());
  }
}
