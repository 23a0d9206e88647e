// The surfaces of a scenario's versions, each as it is and as faults slow it. Shared by all seeds of a scenario: what
// differs between two rollouts is who asks and when, not what the servers are.
import { murmur3 } from "@slipway/core";
import type { FaultKind } from "../fault.ts";
import type { Lengths } from "../population/lengths.ts";
import { isDuring, type Scenario } from "../scenario/scenario.ts";
import type { SimulatedVersion } from "../version.ts";
import { isOn } from "./afflictions.ts";
import { Surface } from "./surface.ts";

export type SurfacesOptions = {
  /** Answers measured at each load. More of them tell a tail apart better, and take longer. */
  readonly answers: number;
  /** Of recorded prompts and answers, instead of those of code completions. */
  readonly lengths?: Lengths;
};

const SEED = 0x5b4c;

export class Surfaces {
  readonly #options: SurfacesOptions;
  readonly #known = new Map<string, Surface>();
  /** By scenario, arm, and which of its slowdowns are on: what is asked twice a tick. */
  readonly #recent = new WeakMap<Scenario, Map<string, Surface>>();

  constructor(options: SurfacesOptions) {
    this.#options = options;
  }

  /** Of an arm's version under the slowdowns that are active then. */
  at(scenario: Scenario, arm: "stable" | "candidate", atMs: number): Surface {
    let name: string = arm;
    const { faults } = scenario;
    const slowdowns: FaultKind[] = [];
    for (let index = 0; index < faults.length; index++) {
      const one = faults[index];
      if (one?.fault.kind !== "slowdown" || !isOn(one, arm) || !isDuring(one, atMs)) continue;
      slowdowns.push(one.fault);
      name += ` ${index}`;
    }
    const recent = this.#recentOf(scenario);
    const known = recent.get(name);
    if (known !== undefined) return known;
    const surface = this.#of({ ...scenario[arm], faults: slowdowns }, scenario);
    recent.set(name, surface);
    return surface;
  }

  #recentOf(scenario: Scenario): Map<string, Surface> {
    const known = this.#recent.get(scenario);
    if (known !== undefined) return known;
    const made = new Map<string, Surface>();
    this.#recent.set(scenario, made);
    return made;
  }

  #of(version: SimulatedVersion, { traffic }: Scenario): Surface {
    const { users, perMinute } = traffic;
    // Two versions that differ by their name alone answer alike, to the last draw.
    const name = JSON.stringify([{ ...version, model: "" }, users, perMinute]);
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const surface = new Surface({
      version,
      users,
      perSecond: perMinute / 60,
      answers: this.#options.answers,
      seed: murmur3(name, SEED),
      lengths: this.#options.lengths ?? [],
    });
    this.#known.set(name, surface);
    return surface;
  }
}
