// A world: the real gateway and controller between simulated users, model servers, disks and a network, in one
// thread, from one seed, in virtual time. Faults strike, then heal; checkers look on from the first event to the last.
import type { Controller, Digest, Store } from "@slipway/controller";
import { createRandom, murmur3, type Random } from "@slipway/core";
import type { ControllerLink } from "@slipway/gateway";
import type { ApplyRequest } from "@slipway/wire";
import type { Load, LoadReport } from "../population/load.ts";
import { VirtualClock } from "../virtual/clock.ts";
import { virtualUpstream } from "../virtual/upstream.ts";
import { checkersOf } from "./checkers/all.ts";
import { ControllerProcess } from "./controller-process.ts";
import type { Worker } from "./event.ts";
import { Faults } from "./faults.ts";
import { documentOf, type Fleet, fleetOf, policyOf, URLS } from "./fleet.ts";
import { Network } from "./network.ts";
import { Operator } from "./operator.ts";
import type { WorldPlan } from "./plan.ts";
import { type Checker, WorldRecord } from "./record.ts";
import { startTraffic } from "./traffic.ts";
import { WorkerProcess } from "./worker-process.ts";

/** Bugs that a test plants, to see them caught. */
export type Tampering = {
  readonly link?: (link: ControllerLink, worker: Worker) => ControllerLink;
  readonly store?: (store: Store) => Store;
  readonly controller?: (controller: Controller) => Controller;
};

export type WorldOptions = {
  readonly plan: WorldPlan;
  readonly digest: Digest;
  /** Lets promises run on: resolves after everything that is due now, as by `setImmediate`. */
  readonly settle: () => Promise<void>;
  readonly tampering?: Tampering;
};

const UPSTREAM_LATENCY_MS = 1;
/** Time is moved in pieces of this length, and looked at in between. */
const PIECE_MS = 1_000;

export class World {
  readonly clock: VirtualClock = new VirtualClock();
  readonly plan: WorldPlan;
  readonly record: WorldRecord;
  readonly checkers: readonly Checker[];
  readonly controller: ControllerProcess;
  readonly workers: readonly WorkerProcess[];
  readonly operator: Operator;
  readonly faults: Faults;
  readonly network: Network;
  readonly fleet: Fleet;
  readonly #options: WorldOptions;
  #load: Load | null = null;

  constructor(options: WorldOptions) {
    this.#options = options;
    const { plan, digest, tampering } = options;
    const { clock } = this;
    this.plan = plan;
    this.checkers = checkersOf(digest);
    this.record = new WorldRecord(clock, this.checkers);
    const { tell } = this.record;
    this.fleet = fleetOf(clock, this.#seed("fleet"), plan.candidate);
    this.controller = new ControllerProcess({
      clock,
      random: this.#random("controller"),
      driftMax: plan.driftMax ?? 0,
      digest,
      tell,
      commitFate: () => this.faults.commitFate(),
      onDeath: () => this.network.controllerDied(),
      tamperStore: tampering?.store,
      tamperController: tampering?.controller,
    });
    const { controller } = this;
    const reach = this.#random("reach");
    this.network = new Network({
      clock,
      random: this.#random("network"),
      conditions: plan.conditions,
      controller: () => controller.reached(reach.next()),
      tell,
    });
    this.workers = this.#workers();
    const operator = new Operator({
      random: this.#random("operator"),
      process: controller,
      configuration: (leaseMs) => this.#configuration(leaseMs),
      tell,
    });
    this.operator = operator;
    const { fleet, network, workers } = this;
    this.faults = new Faults({
      clock,
      random: (kind) => this.#random(`faults ${kind}`),
      plan,
      network,
      controller,
      workers,
      fleet,
      operator,
      tell,
    });
  }

  /** Everything runs, and users send requests; no fault strikes yet. */
  async open(): Promise<void> {
    const { plan } = this;
    this.controller.start();
    await this.pass(50);
    await this.controller.call((controller) => controller.apply(this.#configuration(plan.leaseMs)));
    for (const worker of this.workers) worker.start();
    await this.pass(1_000);
    this.#load = startTraffic({
      clock: this.clock,
      seed: this.#seed("traffic"),
      requestsPerSecond: plan.requestsPerSecond,
      workers: this.workers,
      onAnswer: (request, seen) => this.record.tell({ kind: "answered", request, seen }),
    });
    await this.pass(1_000);
  }

  /** Lets virtual time pass; less of it once a checker has objected. `each` is awaited every second. */
  async pass(durationMs: number, each?: () => Promise<void> | void): Promise<void> {
    const endMs = this.clock.mono() + durationMs;
    const settling = { pending: this.controller.isBusy, settle: this.#options.settle };
    while (this.clock.mono() < endMs && this.record.violations.length === 0) {
      await this.clock.runAsync(Math.min(endMs, this.clock.mono() + PIECE_MS), settling);
      await each?.();
    }
  }

  /** No more requests. */
  stopTraffic(): void {
    this.#load?.stop(() => {});
  }

  /** What the users saw; null before there are any. */
  get report(): LoadReport | null {
    return this.#load?.report() ?? null;
  }

  #configuration(leaseMs: number): ApplyRequest {
    const { holdMs, horizonMs, onLapse } = this.plan;
    const policy = policyOf({ durationMs: leaseMs, onLapse }, horizonMs, holdMs);
    const models = [documentOf(policy, this.#options.digest, this.plan.candidate)];
    return { models, pools: [], clients: null, by: "operator" };
  }

  #workers(): readonly WorkerProcess[] {
    const { clock, network, fleet, plan, record } = this;
    const [v1 = "", v2 = ""] = Object.values(URLS);
    const upstream = virtualUpstream({
      clock,
      servers: { [v1]: fleet.stable, [v2]: fleet.candidate },
      latencyMs: UPSTREAM_LATENCY_MS,
    });
    const tamperLink = this.#options.tampering?.link;
    return Array.from({ length: plan.gateways * plan.workersPerGateway }, (_, index) => {
      const gateway = `edge-${1 + (index % plan.gateways)}`;
      const number = 1 + Math.floor(index / plan.gateways);
      return new WorkerProcess({
        gateway,
        number,
        clock,
        random: this.#random(`worker ${index}`),
        driftMax: plan.driftMax ?? 0,
        network,
        upstream,
        tell: record.tell,
        digest: this.#options.digest,
        ...(tamperLink === undefined ? {} : { tamperLink }),
      });
    });
  }

  #random(purpose: string): Random {
    return createRandom(this.#seed(purpose));
  }

  #seed(purpose: string): number {
    return murmur3(`${this.plan.seed} ${purpose}`);
  }
}
