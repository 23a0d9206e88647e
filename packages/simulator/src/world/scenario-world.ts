// A scenario played request by request: the real gateway and controller in virtual time, before simulated servers that
// have its faults. What a count-world draws is held against the evidence that comes of this.
import type { Change, Digest } from "@slipway/controller";
import {
  createRandom,
  fingerprintText,
  murmur3,
  type Policy,
  type Random,
  type Tick,
  type Version,
} from "@slipway/core";
import type { AnswerScorer } from "@slipway/gateway";
import type { RolloutView } from "@slipway/wire";
import type { Scenario } from "../scenario/scenario.ts";
import { VirtualClock } from "../virtual/clock.ts";
import { gatewaySend } from "../virtual/gateway-client.ts";
import { virtualUpstream } from "../virtual/upstream.ts";
import { ControllerProcess } from "./controller-process.ts";
import type { WorldEvent } from "./event.ts";
import { Network } from "./network.ts";
import { startScenarioClients } from "./scenario-clients.ts";
import { scenarioServers, urlOf } from "./scenario-servers.ts";
import { WorkerProcess } from "./worker-process.ts";

export type ScenarioWorldOptions = {
  readonly scenario: Scenario;
  readonly policy: Policy;
  readonly seed: number;
  readonly digest: Digest;
  /** Lets promises run on, as by `setImmediate`. */
  readonly settle: () => Promise<void>;
  /** Stable serves alone for so long before the rollout begins. */
  readonly warmMs: number;
  /** Scores answers, where the policy asks for that. */
  readonly scorer?: AnswerScorer;
};

export type ScenarioRun = {
  /** In the order in which the controller consumed them. */
  readonly ticks: readonly Tick[];
  /** When the first stage began, on the clock of the ticks. */
  readonly startedAtMs: number;
  readonly rollout: RolloutView;
};

const MODEL = "m";
const WORKERS = 2;
/** More than ever run at once: a queue in the gateway would be one more cause. */
const IN_FLIGHT_MAX = 100_000;
const CALM = { delayMsMin: 1, delayMsMean: 1, lossShare: 0, copyShare: 0, copyDelayMsMean: 0 };
/** Until every worker has the first table. */
const OPENING_MS = 2_000;
/** Until the last ticks are consumed. */
const CLOSING_MS = 5_000;

/** Plays a scenario's first so many milliseconds of a rollout. */
export async function playScenario(
  options: ScenarioWorldOptions,
  durationMs: number,
): Promise<ScenarioRun> {
  const world = new ScenarioWorld(options);
  await world.open();
  await world.pass(options.warmMs);
  const id = await world.start();
  await world.pass(durationMs + options.policy.evidence.tickMs + CLOSING_MS);
  return await world.run(id);
}

class ScenarioWorld {
  readonly #clock = new VirtualClock();
  readonly #options: ScenarioWorldOptions;
  readonly #controller: ControllerProcess;
  readonly #workers: readonly WorkerProcess[];
  readonly #ticks: Tick[] = [];
  #startMs = Number.POSITIVE_INFINITY;
  #startedAtMs = 0;

  constructor(options: ScenarioWorldOptions) {
    this.#options = options;
    const { scenario, seed, digest, scorer } = options;
    const clock = this.#clock;
    const tell = (event: WorldEvent): void => this.#hear(event);
    this.#controller = new ControllerProcess({
      clock,
      random: this.#random("controller"),
      driftMax: 0,
      digest,
      tell,
      commitFate: () => ({ kind: "stored", delayMs: 0 }),
      onDeath: () => {},
    });
    const network = new Network({
      clock,
      random: this.#random("network"),
      conditions: CALM,
      controller: () => this.#controller.controller,
      tell,
    });
    const upstream = virtualUpstream({
      clock,
      servers: scenarioServers({ scenario, clock, seed, startMs: () => this.#startMs }),
      // Count-worlds have no network between.
      latencyMs: 0,
    });
    this.#workers = Array.from(
      { length: WORKERS },
      (_, index) =>
        new WorkerProcess({
          gateway: `edge-${index + 1}`,
          number: 1,
          clock,
          random: this.#random(`worker ${index}`),
          driftMax: 0,
          network,
          upstream,
          tell,
          digest,
          ...(scorer === undefined ? {} : { scorer }),
        }),
    );
  }

  async open(): Promise<void> {
    const { scenario, policy, digest, seed } = this.#options;
    this.#controller.start();
    await this.pass(OPENING_MS / 2);
    const versions = (["stable", "candidate"] as const).map((arm) =>
      versionOf(scenario, arm, digest),
    );
    const models = [{ name: MODEL, stable: "stable", versions, policy }];
    await this.#controller.call((one) =>
      one.apply({ models, pools: [], clients: null, by: "scenario" }),
    );
    for (const worker of this.#workers) worker.start();
    await this.pass(OPENING_MS / 2);
    const choose = this.#random("choose");
    let requests = 0;
    startScenarioClients({
      scenario,
      model: MODEL,
      clock: this.#clock,
      seed,
      parameter: parameterOf(scenario),
      send: gatewaySend(() => {
        const worker = this.#workers[Math.floor(choose.next() * WORKERS)];
        return worker === undefined
          ? undefined
          : { handle: (exchange) => worker.handle(++requests, exchange) };
      }),
    });
  }

  async start(): Promise<string> {
    this.#startMs = this.#clock.mono();
    const { id } = await this.#controller.call((one) => {
      this.#startedAtMs = one.nowMs();
      return one.start({ model: MODEL, to: "candidate", by: "scenario", reason: "to be compared" });
    });
    return id;
  }

  async pass(durationMs: number): Promise<void> {
    const { settle } = this.#options;
    const settling = { pending: this.#controller.isBusy, settle };
    await this.#clock.runAsync(this.#clock.mono() + durationMs, settling);
  }

  async run(id: string): Promise<ScenarioRun> {
    const rollout = await this.#controller.call((one) => one.rollout(id));
    return { ticks: this.#ticks, startedAtMs: this.#startedAtMs, rollout };
  }

  #hear(event: WorldEvent): void {
    if (event.kind === "controller-failed") throw new Error(event.text);
    if (event.kind !== "committed") return;
    for (const change of event.changes as readonly Change[]) {
      if (change.kind === "consume") this.#ticks.push(JSON.parse(change.text) as Tick);
    }
  }

  #random(purpose: string): Random {
    return createRandom(murmur3(`${this.#options.seed} ${purpose}`));
  }
}

/** The first that a version rejects; null where none does. */
function parameterOf({ faults }: Scenario): string | null {
  for (const { fault } of faults) if (fault.kind === "rejects") return fault.parameter;
  return null;
}

function versionOf(scenario: Scenario, arm: "stable" | "candidate", digest: Digest): Version {
  const { model, replicas } = scenario[arm];
  const upstreams = Array.from({ length: replicas }, (_, replica) => ({
    id: `${arm}-${replica}`,
    url: urlOf(arm, replica),
    model,
    keyEnv: null,
    pool: arm,
    inFlightMax: IN_FLIGHT_MAX,
    concurrency: "fixed" as const,
  }));
  const version = { id: arm, upstreams, identity: {} };
  return { ...version, fingerprint: digest(fingerprintText(version)) };
}
