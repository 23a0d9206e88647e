// The model servers of a scenario in a world of single requests: an engine pool a version behind as many addresses as it
// has replicas, and before it the faults of the scenario, each for whom, where and when it is meant.
import { type Clock, createRandom, murmur3, type Random } from "@slipway/core";
import { EnginePool } from "../engine/pool.ts";
import type { FaultKind } from "../fault.ts";
import { isDuring, type Scenario, type ScenarioFault } from "../scenario/scenario.ts";
import type { Reply, ServerRequest } from "../server/exchange.ts";
import { ModelServer } from "../server/model-server.ts";
import { Quota } from "../server/quota.ts";
import type { SimulatedVersion } from "../version.ts";

type Arm = "stable" | "candidate";

export type ScenarioServersOptions = {
  readonly scenario: Scenario;
  readonly clock: Clock;
  readonly seed: number;
  /** On the clock: faults count from then, and none strikes before. */
  readonly startMs: () => number;
};

/** An address that answers requests. */
export type Address = Pick<ModelServer, "handle">;

/** Who sends a request, as its body says. */
type Sender = { readonly language: string; readonly isTroubled: boolean };

/** By their base URLs. */
export function scenarioServers(options: ScenarioServersOptions): {
  readonly [url: string]: Address;
} {
  const quotas = new Map<ScenarioFault, Quota>();
  const arms = (["stable", "candidate"] as const).map(
    (arm) => new ArmServers(options, arm, quotas),
  );
  return Object.assign({}, ...arms.map((one) => one.addresses));
}

export function urlOf(arm: Arm, replica: number): string {
  return `http://${arm}-${replica}.test/v1`;
}

class ArmServers {
  readonly addresses: { readonly [url: string]: Address };
  readonly #options: ScenarioServersOptions;
  readonly #version: SimulatedVersion;
  readonly #faults: readonly ScenarioFault[];
  readonly #pool: EnginePool;
  readonly #quotas: Map<ScenarioFault, Quota>;
  readonly #random: Random;
  /** By the faults before them, as many as there are mixtures of faults. */
  readonly #servers = new Map<string, ModelServer>();
  #slowdowns = "";

  constructor(options: ScenarioServersOptions, arm: Arm, quotas: Map<ScenarioFault, Quota>) {
    const { scenario, clock, seed } = options;
    this.#options = options;
    this.#version = scenario[arm];
    this.#faults = scenario.faults.filter(({ on }) => on === arm || on === "both");
    this.#pool = new EnginePool(clock, this.#version.engine, this.#version.replicas);
    this.#quotas = quotas;
    this.#random = createRandom(murmur3(`${seed} servers ${arm}`));
    this.addresses = Object.fromEntries(
      Array.from({ length: this.#version.replicas }, (_, replica) => [
        urlOf(arm, replica),
        {
          handle: (request: ServerRequest, reply: Reply) =>
            this.#at(replica, request).handle(request, reply),
        },
      ]),
    );
  }

  /** What answers a request at an address now. */
  #at(replica: number, { body }: ServerRequest): ModelServer {
    const { clock, startMs } = this.#options;
    const sinceMs = clock.mono() - startMs();
    const active = this.#faults.filter((one) => isDuring(one, sinceMs));
    this.#pace(active);
    const sender = this.#senderOf(body);
    return this.#serverOf(
      active.filter(
        (one) =>
          one.fault.kind !== "slowdown" &&
          (one.language === null || one.language === sender.language) &&
          (one.replica === null || one.replica === replica) &&
          !(one.fault.kind === "errors" && !sender.isTroubled),
      ),
    );
  }

  #serverOf(active: readonly ScenarioFault[]): ModelServer {
    const name = active.map((one) => this.#faults.indexOf(one)).join(" ");
    const known = this.#servers.get(name);
    if (known !== undefined) return known;
    const { clock, scenario } = this.#options;
    const { troubledOneIn } = scenario.traffic;
    const quota = active.find(({ fault }) => fault.kind === "quota");
    const made = new ModelServer({
      version: {
        ...this.#version,
        faults: active.flatMap(({ fault }) => singleFaults(fault, troubledOneIn)),
      },
      clock,
      random: this.#random,
      engines: this.#pool,
      ...(quota === undefined ? {} : { quota: this.#quotaOf(quota) }),
    });
    this.#servers.set(name, made);
    return made;
  }

  /** One of both versions is one quota. */
  #quotaOf(one: ScenarioFault): Quota {
    const known = this.#quotas.get(one);
    if (known !== undefined) return known;
    if (one.fault.kind !== "quota") throw new RangeError(`${one.fault.kind} is no quota`);
    const made = new Quota(this.#options.clock, one.fault);
    this.#quotas.set(one, made);
    return made;
  }

  #pace(active: readonly ScenarioFault[]): void {
    const slowdowns = active.flatMap(({ fault }) => (fault.kind === "slowdown" ? [fault] : []));
    const name = JSON.stringify(slowdowns);
    if (name === this.#slowdowns) return;
    this.#slowdowns = name;
    for (let replica = 0; replica < this.#pool.replicas; replica++) {
      const own = slowdowns.filter(({ replicas = this.#pool.replicas }) => replica < replicas);
      this.#pool.setPace(
        replica,
        own.reduce((pace, { factor }) => pace * factor, 1),
      );
    }
  }

  #senderOf(body: string): Sender {
    const { seed, scenario } = this.#options;
    const read = JSON.parse(body) as {
      readonly user?: string;
      readonly metadata: { readonly sim_language: string };
    };
    const draw = murmur3(`${seed} trouble ${read.user}`) / 2 ** 32;
    const isTroubled = draw * scenario.traffic.troubledOneIn < 1;
    return { language: read.metadata.sim_language, isTroubled };
  }
}

/** Those that a server has by itself; who is troubled has all of the failures. */
function singleFaults(fault: FaultKind, troubledOneIn: number): readonly FaultKind[] {
  if (fault.kind === "quota" || fault.kind === "slowdown") return [];
  return [fault.kind === "errors" ? { ...fault, rate: fault.rate * troubledOneIn } : fault];
}
