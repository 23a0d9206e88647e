// Faults as they strike: each kind a small act on the world, at random moments, undone by itself after a while.
import { type Cancel, type Clock, exponential, type Random } from "@slipway/core";
import type { Fault } from "../fault.ts";
import type { ModelServer } from "../server/model-server.ts";
import { CommitTroubles, type StoreFault } from "./commit-troubles.ts";
import type { CommitFate } from "./controller-life.ts";
import type { ControllerProcess } from "./controller-process.ts";
import type { WorldEvent } from "./event.ts";
import { type Fleet, MODEL } from "./fleet.ts";
import type { Direction, Network } from "./network.ts";
import type { Operator } from "./operator.ts";
import { WORLD_FAULTS, type WorldFault, type WorldPlan } from "./plan.ts";
import type { WorkerProcess } from "./worker-process.ts";

export type FaultsOptions = {
  readonly clock: Clock;
  /** Each kind has its own, so that one that is left out leaves the others as they were. */
  readonly random: (kind: WorldFault | "commits") => Random;
  readonly plan: WorldPlan;
  readonly network: Network;
  readonly controller: ControllerProcess;
  readonly workers: readonly WorkerProcess[];
  readonly fleet: Fleet;
  readonly operator: Operator;
  readonly tell: (event: WorldEvent) => void;
};

const BOTH: readonly Direction[] = ["to-controller", "from-controller"];
/** How long a fault lasts, in milliseconds. */
const LASTS: readonly [from: number, to: number] = [300, 20_000];
const RESTART: readonly [from: number, to: number] = [50, 9_000];
const STORED: CommitFate = { kind: "stored", delayMs: 0 };
/** Wall clocks are set by up to this much, either way. */
const JUMP_MS_MAX = 20_000;

export class Faults {
  readonly #options: FaultsOptions;
  readonly #ends = new Set<Cancel>();
  readonly #planted = new Set<ServerFault>();
  readonly #commits: CommitTroubles;
  readonly #commitRandom: Random;
  /** Of the kind that strikes at this moment. */
  #random: Random;
  #isActive = false;

  constructor(options: FaultsOptions) {
    this.#options = options;
    this.#commitRandom = options.random("commits");
    this.#random = this.#commitRandom;
    this.#commits = new CommitTroubles(options.plan.commits, this.#commitRandom);
  }

  start(): void {
    this.#isActive = true;
    for (const kind of WORLD_FAULTS) this.#strike(kind, this.#options.random(kind));
  }

  /** Everything is as it should be from now on. */
  heal(): void {
    this.#isActive = false;
    const { controller, network, workers, tell } = this.#options;
    tell({ kind: "note", text: "healed" });
    for (const end of this.#ends) end();
    network.heal();
    controller.endDeposed();
    controller.start();
    for (const worker of workers) worker.start();
  }

  /** What becomes of the controller's next commit. */
  readonly commitFate = (): CommitFate => {
    const fate = this.#isActive ? this.#commits.next() : STORED;
    if (fate.kind === "crash") {
      this.#random = this.#commitRandom;
      this.#restartLater();
    }
    return fate;
  };

  #strike(kind: WorldFault, random: Random): void {
    const { clock, plan } = this.#options;
    const everyMs = plan.faults[kind];
    if (everyMs === undefined) return;
    clock.after(exponential(random, everyMs), () => {
      if (!this.#isActive) return;
      this.#random = random;
      this.#act(kind);
      this.#strike(kind, random);
    });
  }

  #act(kind: WorldFault): void {
    switch (kind) {
      case "worker-crash":
      case "worker-drain":
        this.#stopWorker(kind);
        return;
      case "controller-crash":
        this.#options.controller.crash();
        this.#restartLater();
        return;
      case "overthrow":
        this.#overthrow();
        return;
      case "reconfigure":
        this.#options.operator.reconfigure();
        return;
      case "partition":
        this.#cut(BOTH);
        return;
      case "frames-lost":
        this.#cut(["to-controller"]);
        return;
      case "acks-lost":
        this.#cut(["from-controller"]);
        return;
      case "bad-link":
        this.#worsen();
        return;
      case "clock-jump":
      case "worker-clock-jump":
        this.#jump(kind);
        return;
      case "store-slow":
      case "store-outage":
        this.#troubleStore(kind);
        return;
      case "disk-full":
        this.#fillDisk();
        return;
      case "operator":
        this.#options.operator.meddle();
        return;
      case "divert":
        this.#divert();
        return;
      case "stream-break":
      case "old-table":
        this.#disturbStream(kind);
        return;
      default:
        this.#plant(kind);
        return;
    }
  }

  #stopWorker(kind: "worker-crash" | "worker-drain"): void {
    const { clock } = this.#options;
    const worker = this.#anyWorker();
    if (worker === undefined) return;
    if (kind === "worker-drain") worker.drain();
    else worker.crash();
    if (this.#random.next() < 0.1) worker.loseDisk();
    clock.after(this.#between(RESTART), () => worker.start());
  }

  #restartLater(): void {
    const { clock, controller } = this.#options;
    clock.after(this.#between(RESTART), () => controller.start());
  }

  #overthrow(): void {
    const { controller, tell } = this.#options;
    tell({ kind: "note", text: "another controller takes over; the old one does not know" });
    controller.overthrow();
    this.#later(() => controller.endDeposed());
  }

  #cut(directions: readonly Direction[]): void {
    const { network } = this.#options;
    const gateway = this.#anyWorker()?.gateway;
    if (gateway === undefined) return;
    this.#while(
      `${gateway} is cut off ${directions.join(" and ")}`,
      () => network.cut(gateway, directions),
      () => network.mend(gateway),
    );
  }

  #disturbStream(kind: "stream-break" | "old-table"): void {
    const incarnation = this.#anyWorker()?.worker?.incarnation;
    if (incarnation === undefined) return;
    if (kind === "stream-break") this.#options.network.breakStream(incarnation);
    else this.#options.network.repeatOldTable(incarnation);
  }

  #worsen(): void {
    const { network } = this.#options;
    const gateway = this.#anyWorker()?.gateway;
    if (gateway === undefined) return;
    this.#while(
      `the link of ${gateway} is bad`,
      () => network.worsen(gateway, true),
      () => network.worsen(gateway, false),
    );
  }

  #jump(kind: "clock-jump" | "worker-clock-jump"): void {
    const { controller, tell } = this.#options;
    const process = kind === "clock-jump" ? controller : this.#anyWorker();
    const byMs = Math.floor((this.#random.next() * 2 - 1) * JUMP_MS_MAX);
    const whose = kind === "clock-jump" ? "the controller" : "a worker";
    tell({ kind: "note", text: `the wall clock of ${whose} is set by ${byMs} ms` });
    process?.jump(byMs);
  }

  #troubleStore(kind: StoreFault): void {
    const what = kind === "store-slow" ? "the store is slow" : "the store takes nothing";
    this.#while(
      what,
      () => this.#commits.begin(kind),
      () => this.#commits.end(kind),
    );
  }

  #fillDisk(): void {
    const worker = this.#anyWorker();
    if (worker === undefined) return;
    this.#while(
      `a disk of ${worker.gateway} is full`,
      () => worker.fillDisk(true),
      () => worker.fillDisk(false),
    );
  }

  #divert(): void {
    const worker = this.#anyWorker();
    worker?.divert(MODEL, true);
    this.#later(() => worker?.divert(MODEL, false));
  }

  #plant(kind: ServerFault): void {
    const { fleet } = this.#options;
    // Two slowdowns at once would multiply.
    if (this.#planted.has(kind)) return;
    this.#planted.add(kind);
    const server: ModelServer = kind === "stable-errors" ? fleet.stable : fleet.candidate;
    let cancel: Cancel = () => {};
    this.#while(
      kind,
      () => {
        cancel = server.plant(PLANTED[kind]);
      },
      () => {
        this.#planted.delete(kind);
        cancel();
      },
    );
  }

  #while(what: string, begin: () => void, end: () => void): void {
    const { tell } = this.#options;
    tell({ kind: "note", text: `from now on: ${what}` });
    begin();
    this.#later(() => {
      tell({ kind: "note", text: `no longer: ${what}` });
      end();
    });
  }

  /** Ends something, after a while or when all is healed. */
  #later(end: () => void): void {
    let cancel: Cancel = () => {};
    const once = (): void => {
      cancel();
      this.#ends.delete(once);
      end();
    };
    cancel = this.#options.clock.after(this.#between(LASTS), once);
    this.#ends.add(once);
  }

  #anyWorker(): WorkerProcess | undefined {
    const { workers } = this.#options;
    return workers[Math.floor(this.#random.next() * workers.length)];
  }

  /** As likely between 1 and 2 as between 10 and 20. */
  #between([from, to]: readonly [number, number]): number {
    return from * (to / from) ** this.#random.next();
  }
}

type ServerFault = "candidate-down" | "candidate-errors" | "candidate-slow" | "stable-errors";

const PLANTED: { readonly [kind in ServerFault]: Fault } = {
  "candidate-down": { kind: "crash" },
  "candidate-errors": { kind: "errors", rate: 0.5, status: 503 },
  "candidate-slow": { kind: "slowdown", factor: 30 },
  "stable-errors": { kind: "errors", rate: 0.2, status: 500 },
};
