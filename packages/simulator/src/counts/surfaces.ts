// The surfaces of a scenario's versions, each as it is and as faults slow it. Shared by all seeds of a scenario: what
// differs between two rollouts is who asks and when, not what the servers are.
import { murmur3 } from "@slipway/core";
import type { FaultKind } from "../fault.ts";
import type { Lengths } from "../population/lengths.ts";
import { isDuring, type Scenario } from "../scenario/scenario.ts";
import type { SimulatedVersion } from "../version.ts";
import { isOn } from "./afflictions.ts";
import { type Behind, Demand } from "./demand.ts";
import { Surface } from "./surface.ts";

export type SurfacesOptions = {
  /** Answers measured at each load. More of them tell a tail apart better, and take longer. */
  readonly answers: number;
  /** Of recorded prompts and answers, instead of those of code completions. */
  readonly lengths?: Lengths;
  /** Other answers of the same servers; the same ones where absent. */
  readonly seed?: number;
};

/** Of a scenario's users. A quarter of them go on with their own documents, which is not as if all came a quarter as often. */
export type Audience = {
  /** Part of all requests. */
  readonly weight: number;
  /** Of their requests, those of the one who sends the most, where one stands out. */
  readonly heaviest: number;
};

/** Everybody, of whom nobody stands out. */
export const EVERYBODY: Audience = { weight: 1, heaviest: 0 };

/** Shares of users that versions are measured before. */
const SHARES: readonly number[] = [0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 1];

/** By ratio; none stays none. */
function nearestShare(share: number): number {
  if (share <= 0) return 0;
  const far = (one: number): number => Math.abs(Math.log(one / share));
  return SHARES.reduce((best, one) => (far(one) < far(best) ? one : best));
}

const SEED = 0x5b4c;

export class Surfaces {
  readonly demand: Demand = new Demand();
  readonly #options: SurfacesOptions;
  readonly #known = new Map<string, Surface>();
  /** By scenario, arm, and which of its slowdowns are on: what is asked twice a tick. */
  readonly #recent = new WeakMap<Scenario, Map<string, Surface>>();

  constructor(options: SurfacesOptions) {
    this.#options = options;
  }

  /** Of an arm's version under the slowdowns that are active then, before so many of the users, and behind a quota. */
  at(
    scenario: Scenario,
    arm: "stable" | "candidate",
    atMs: number,
    audience: Audience,
    behind: Behind | null = null,
  ): Surface {
    // Nobody is drawn from an arm that has nobody: any will do.
    const share = nearestShare(audience.weight) || 1;
    const heaviest = nearestShare(audience.heaviest);
    let name = `${arm} ${share} ${heaviest}`;
    const { faults } = scenario;
    const slowdowns: FaultKind[] = [];
    for (let index = 0; index < faults.length; index++) {
      const one = faults[index];
      if (one?.fault.kind !== "slowdown" || !isOn(one, arm) || !isDuring(one, atMs)) continue;
      slowdowns.push(one.fault);
      name += ` ${index}`;
    }
    if (behind !== null) name += ` ${behind.name}`;
    const recent = this.#recentOf(scenario);
    const known = recent.get(name);
    if (known !== undefined) return known;
    const version = { ...scenario[arm], faults: slowdowns };
    const surface = this.#of(version, scenario, { weight: share, heaviest }, behind);
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

  #of(
    version: SimulatedVersion,
    { traffic }: Scenario,
    { weight, heaviest }: Audience,
    behind: Behind | null,
  ): Surface {
    const count = Math.max(1, Math.round(traffic.users.users * weight));
    const users = {
      ...traffic.users,
      users: count,
      ...(heaviest === 0 || count === 1 ? {} : { heaviestShare: heaviest }),
    };
    const perMinute = traffic.perMinute * weight;
    // Two versions that differ by their name alone answer alike, to the last draw.
    const before = behind === null ? [] : [behind.arm, behind.name];
    const name = JSON.stringify([{ ...version, model: "" }, users, perMinute, ...before]);
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const surface = new Surface({
      version,
      users,
      perSecond: perMinute / 60,
      answers: this.#options.answers,
      seed: murmur3(name, SEED + (this.#options.seed ?? 0)),
      lengths: this.#options.lengths ?? [],
      behind,
    });
    this.#known.set(name, surface);
    return surface;
  }
}
