// The network between gateway workers and the controller, as the gateway's ControllerLink port: it delays, loses,
// doubles and reorders, and it can be cut in either direction. Its limits are those of the link over HTTP.
import type { Controller } from "@slipway/controller";
import { type Cancel, type Clock, exponential, type Random, type Table } from "@slipway/core";
import type { ControllerLink } from "@slipway/gateway";
import type { Acknowledgement, Frame } from "@slipway/wire";
import type { Worker, WorldEvent } from "./event.ts";
import { TableStream } from "./table-stream.ts";

/** What the network does to messages. Shares are probabilities per message. */
export type Conditions = {
  readonly delayMsMin: number;
  /** Mean of what comes on top, exponentially distributed. */
  readonly delayMsMean: number;
  readonly lossShare: number;
  /** Frames that arrive a second time, later by `copyDelayMsMean` on average. */
  readonly copyShare: number;
  readonly copyDelayMsMean: number;
};

export type Direction = "to-controller" | "from-controller";

export type NetworkOptions = {
  readonly clock: Clock;
  readonly random: Random;
  readonly conditions: Conditions;
  /** Who answers now; null when nobody does. */
  readonly controller: () => Controller | null;
  readonly tell: (event: WorldEvent) => void;
};

/** A link of one gateway while it is bad: frames come late, out of order, twice or not at all, and so do answers. */
const BAD: Conditions = {
  delayMsMin: 5,
  delayMsMean: 900,
  lossShare: 0.3,
  copyShare: 0.4,
  copyDelayMsMean: 3_000,
};
const CALM: Conditions = {
  delayMsMin: 1,
  delayMsMean: 1,
  lossShare: 0,
  copyShare: 0,
  copyDelayMsMean: 0,
};
/** A report that is not answered by then has failed. */
const REPORT_MS_MAX = 5_000;

export class Network {
  readonly #options: NetworkOptions;
  readonly #streams = new Map<string, TableStream>();
  readonly #cuts = new Map<string, Set<Direction>>();
  readonly #bad = new Set<string>();
  /** Reports that the controller has not answered: they break when it does. */
  readonly #atController = new Set<() => void>();
  #conditions: Conditions;

  constructor(options: NetworkOptions) {
    this.#options = options;
    this.#conditions = options.conditions;
  }

  link(worker: Worker): ControllerLink {
    return {
      follow: (onTable) => this.#follow(worker, onTable),
      report: (frame, done) => this.#report(worker, frame, done),
    };
  }

  cut(gateway: string, directions: readonly Direction[]): void {
    this.#cuts.set(gateway, new Set(directions));
    for (const stream of this.#streamsOf(gateway)) stream.silenced();
  }

  mend(gateway: string): void {
    this.#cuts.delete(gateway);
    for (const stream of this.#streamsOf(gateway)) stream.heard();
  }

  /** A gateway's link loses, delays, doubles and reorders much, or is as the others again. */
  worsen(gateway: string, isBad: boolean): void {
    if (isBad) this.#bad.add(gateway);
    else this.#bad.delete(gateway);
  }

  /** Nothing is cut, lost or doubled any more. */
  heal(): void {
    this.#conditions = CALM;
    this.#bad.clear();
    for (const gateway of [...this.#cuts.keys()]) this.mend(gateway);
  }

  /** Breaks one worker's table stream; it reconnects. */
  breakStream(incarnation: string): void {
    this.#streams.get(incarnation)?.break();
  }

  /** An old table arrives once more, from some cache or a controller that was deposed. */
  repeatOldTable(incarnation: string): void {
    this.#streams.get(incarnation)?.repeatOld(this.#options.random.next());
  }

  /** The controller's process has died: its connections break. */
  controllerDied(): void {
    for (const stream of this.#streams.values()) stream.break();
    for (const fail of [...this.#atController]) fail();
    this.#atController.clear();
  }

  #streamsOf(gateway: string): TableStream[] {
    return [...this.#streams.values()].filter(({ worker }) => worker.gateway === gateway);
  }

  #isCut(worker: Worker, direction: Direction): boolean {
    return this.#cuts.get(worker.gateway)?.has(direction) === true;
  }

  #conditionsOf({ gateway }: Worker): Conditions {
    return this.#bad.has(gateway) ? BAD : this.#conditions;
  }

  #delayMs(worker: Worker): number {
    const { delayMsMin, delayMsMean } = this.#conditionsOf(worker);
    return delayMsMin + exponential(this.#options.random, delayMsMean);
  }

  #isLost(worker: Worker): boolean {
    return this.#options.random.next() < this.#conditionsOf(worker).lossShare;
  }

  #follow(worker: Worker, onTable: (table: Table) => void): Cancel {
    const { clock, random, controller, tell } = this.#options;
    const stream = new TableStream({
      worker,
      clock,
      random,
      controller,
      delayMs: () => this.#delayMs(worker),
      isCut: () => this.#isCut(worker, "from-controller"),
      isUnreachable: () =>
        this.#isCut(worker, "to-controller") || this.#isCut(worker, "from-controller"),
      deliver: (table) => {
        tell({ kind: "table-delivered", worker, table });
        onTable(table);
      },
    });
    this.#streams.set(worker.incarnation, stream);
    stream.connect();
    return () => {
      stream.stop();
      this.#streams.delete(worker.incarnation);
    };
  }

  #report(worker: Worker, frame: Frame, done: (ack: Acknowledgement | null) => void): Cancel {
    const { clock, random, tell } = this.#options;
    const sentMs = worker.clock.mono();
    const text = JSON.stringify(frame);
    let isOver = false;
    const finish = (ack: Acknowledgement | null): void => {
      if (isOver) return;
      isOver = true;
      timeout();
      if (ack !== null) tell({ kind: "ack-delivered", worker, frame, ack, sentMs });
      done(ack);
    };
    const timeout = clock.after(REPORT_MS_MAX, () => finish(null));
    tell({ kind: "frame-sent", worker, frame: JSON.parse(text) as Frame, sentMs });
    const sending = { worker, text, sentMs, finish };
    this.#carry(sending, this.#delayMs(worker));
    const { copyShare, copyDelayMsMean } = this.#conditionsOf(worker);
    if (random.next() < copyShare) {
      this.#carry(sending, this.#delayMs(worker) + exponential(random, copyDelayMsMean));
    }
    // What has been sent cannot be called back: only its answer is of no interest any more.
    return () => {
      isOver = true;
      timeout();
    };
  }

  #carry(sending: Sending, delayMs: number): void {
    if (this.#isCut(sending.worker, "to-controller") || this.#isLost(sending.worker)) return;
    this.#options.clock.after(delayMs, () => this.#arrive(sending));
  }

  #arrive({ worker, text, sentMs, finish }: Sending): void {
    const { clock, tell } = this.#options;
    const controller = this.#options.controller();
    const fail = (): void => this.#answer(worker, () => finish(null));
    if (controller === null) {
      fail();
      return;
    }
    this.#atController.add(fail);
    const frame = JSON.parse(text) as Frame;
    controller.acceptFrame(frame).then(
      (ack) => {
        this.#atController.delete(fail);
        tell({ kind: "ack-issued", worker, frame, ack, sentMs });
        this.#answer(worker, () => finish(ack));
      },
      () => {
        this.#atController.delete(fail);
        clock.after(0, fail);
      },
    );
  }

  #answer(worker: Worker, arrive: () => void): void {
    if (this.#isCut(worker, "from-controller") || this.#isLost(worker)) return;
    this.#options.clock.after(this.#delayMs(worker), arrive);
  }
}

type Sending = {
  readonly worker: Worker;
  readonly text: string;
  readonly sentMs: number;
  readonly finish: (ack: Acknowledgement | null) => void;
};
