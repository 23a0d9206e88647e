// A gateway worker as a process: it starts from the table on its disk, can be killed at any moment, and is another
// member each time it comes back.
import { type Clock, murmur3, type Random, type Table } from "@slipway/core";
import {
  type AnswerScorer,
  type ControllerLink,
  createGateway,
  type Exchange,
  type Gateway,
  type Signer,
  type Upstream,
} from "@slipway/gateway";
import type { Worker, WorldEvent } from "./event.ts";
import type { Network } from "./network.ts";
import { ProcessClock } from "./process-clock.ts";
import { REQUEST_HEADER, type Waiting, watchedUpstream } from "./watched-upstream.ts";

export type WorkerProcessOptions = {
  readonly gateway: string;
  readonly number: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly network: Network;
  readonly upstream: Upstream;
  /** How far its clock's pace may be off, either way. */
  readonly driftMax: number;
  readonly tell: (event: WorldEvent) => void;
  /** SHA-256 of a text, in hex. */
  readonly digest: (text: string) => string;
  /** Scores answers; none are where absent. */
  readonly scorer?: AnswerScorer;
  /** Puts a planted bug between the worker and the network. */
  readonly tamperLink?: (link: ControllerLink, worker: Worker) => ControllerLink;
};

type Life = {
  readonly worker: Worker;
  readonly clock: ProcessClock;
  readonly gateway: Gateway;
  readonly waiting: Waiting;
  isDraining: boolean;
  /** Started again once it has drained. */
  isWantedAgain: boolean;
  hasTable: boolean;
};

const QUIET = { info: () => {}, warn: () => {}, error: () => {} };
/** Origins of monotonic time differ by up to this much. */
const ORIGIN_MS_MAX = 1_000_000;
/** Wall clocks differ from the world's by up to this much, either way. */
const SKEW_MS_MAX = 600_000;
const decoder = new TextDecoder();

const signature = (text: string): string => murmur3(text).toString(16);
/** Good enough where nobody forges. */
const SIGNER: Signer = {
  sign: signature,
  verifies: (text, code) => signature(text) === code,
};

export class WorkerProcess {
  readonly #options: WorkerProcessOptions;
  #life: Life | null = null;
  #lives = 0;
  #disk: string | null = null;
  #isDiskFull = false;

  constructor(options: WorkerProcessOptions) {
    this.#options = options;
  }

  get gateway(): string {
    return this.#options.gateway;
  }

  get worker(): Worker | null {
    return this.#life?.worker ?? null;
  }

  /** Whether a load balancer would send it requests. */
  get isServing(): boolean {
    const life = this.#life;
    if (life === null || life.isDraining) return false;
    // A snapshot costs more than a request, and a table is never lost again.
    life.hasTable ||= life.gateway.snapshot().table !== null;
    return life.hasTable;
  }

  /** At once, or as soon as it has drained; nothing for one that runs. */
  start(): void {
    if (this.#life !== null) {
      this.#life.isWantedAgain = this.#life.isDraining;
      return;
    }
    const { clock: world, random, driftMax, tell } = this.#options;
    const originMs = Math.floor(random.next() * ORIGIN_MS_MAX);
    const skewMs = Math.floor((random.next() * 2 - 1) * SKEW_MS_MAX);
    const drift = (random.next() * 2 - 1) * driftMax;
    const clock = new ProcessClock(world, { originMs, skewMs, drift });
    this.#lives++;
    const incarnation = `${this.#options.gateway}-${this.#options.number}-life-${this.#lives}`;
    const worker: Worker = {
      incarnation,
      gateway: this.#options.gateway,
      number: this.#options.number,
      clock,
    };
    const waiting: Waiting = new Map();
    const gateway = this.#created(worker, clock, waiting);
    this.#life = {
      worker,
      clock,
      gateway,
      waiting,
      isDraining: false,
      isWantedAgain: false,
      hasTable: false,
    };
    tell({ kind: "worker-started", worker, table: this.#load() });
    gateway.start();
  }

  /** Killed: its connections break, its timers stop, what it had not sent is gone. */
  crash(): void {
    const life = this.#life;
    if (life === null) return;
    this.#life = null;
    // Told first: what its users see next is the crash's doing.
    this.#options.tell({ kind: "worker-stopped", worker: life.worker, how: "crash" });
    life.gateway.kill();
    life.clock.die();
  }

  /** Told to stop: it serves what is open, says goodbye, and ends. */
  drain(): void {
    const life = this.#life;
    if (life === null || life.isDraining) return;
    life.isDraining = true;
    life.gateway.drain(() => {
      if (this.#life !== life) return;
      this.#life = null;
      this.#options.tell({ kind: "worker-stopped", worker: life.worker, how: "goodbye" });
      life.clock.die();
      if (life.isWantedAgain) this.start();
    });
  }

  /** The file with the last table is lost. */
  loseDisk(): void {
    this.#disk = null;
  }

  /** Its disk takes nothing more, or takes things again. */
  fillDisk(isFull: boolean): void {
    this.#isDiskFull = isFull;
  }

  /** Its wall clock is set by so much. */
  jump(byMs: number): void {
    this.#life?.clock.jump(byMs);
  }

  divert(model: string, on: boolean): void {
    const life = this.#life;
    if (life === null) return;
    this.#options.tell({ kind: "diverted", worker: life.worker, on });
    life.gateway.divert(model, on);
  }

  handle(request: number, exchange: Exchange): void {
    const life = this.#life;
    if (life === null) {
      exchange.destroy();
      return;
    }
    const { worker, waiting, gateway } = life;
    gateway.handle({
      ...exchange,
      headers: [...exchange.headers, REQUEST_HEADER, String(request)],
      read: (limitBytes, done, fail) =>
        exchange.read(
          limitBytes,
          (body) => {
            const key = keyOf(body);
            waiting.set(request, key);
            this.#options.tell({ kind: "received", request, worker, key });
            done(body);
          },
          fail,
        ),
    });
  }

  #created(worker: Worker, clock: Clock, waiting: Waiting): Gateway {
    const { random, network, upstream, tell, tamperLink, scorer } = this.#options;
    let ids = 0;
    const link = network.link(worker);
    return createGateway(
      {
        clock,
        random,
        // The first is the incarnation.
        ids: {
          next: () => (ids++ === 0 ? worker.incarnation : `${worker.incarnation}-request-${ids}`),
        },
        upstream: watchedUpstream(upstream, { worker, waiting, tell }),
        tableFile: {
          load: () => this.#load(),
          save: (table) => {
            if (this.#isDiskFull) throw new Error("no space is left on the disk (simulated)");
            this.#disk = JSON.stringify(table);
          },
        },
        link: tamperLink?.(link, worker) ?? link,
        log: QUIET,
        // Simulated users send no forms.
        readForm: (_type, _body, done) => done(null),
        secret: () => null,
        digest: this.#options.digest,
        signer: SIGNER,
        // A disk that nobody reads.
        ...(scorer === undefined ? {} : { scorer, answers: { write: () => true } }),
      },
      {
        name: worker.gateway,
        worker: worker.number,
        onTrip: (_, rolloutId) => tell({ kind: "tripped", worker, rolloutId }),
      },
    );
  }

  #load(): Table | null {
    return this.#disk === null ? null : (JSON.parse(this.#disk) as Table);
  }
}

function keyOf(body: Uint8Array): string {
  const { user } = JSON.parse(decoder.decode(body)) as { readonly user: string };
  return user;
}
