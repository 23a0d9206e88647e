// What a quota leaves of the requests that users want, and what clients make of it: measured on the quota that simulated
// servers have, with requests of the size that they are, since it refuses large ones far more often than small ones.
import type { ServingArm } from "@slipway/core";
import { isDuring, type Scenario, type ScenarioFault } from "../scenario/scenario.ts";
import { VirtualClock } from "../virtual/clock.ts";
import {
  type ArmDemand,
  type BySize,
  QuotaClients,
  type QuotaDemand,
  settleMsOf,
} from "./quota-clients.ts";

export type Demands = { readonly [arm in ServingArm]: ArmDemand };

/** Of what an arm is asked, the quota before it lets a part through. */
export type Behind = QuotaDemand & {
  readonly arm: ServingArm;
  /** Two of the same name let the same through. */
  readonly name: string;
};

/** What becomes of an arm's requests. */
export type Met = {
  /** Requests, with those that were sent again, for each that is wanted. */
  readonly attempts: number;
  /** Share of the attempts that is refused. */
  readonly refused: number;
  /** Null where no quota is; so is what follows. */
  readonly bySize: BySize | null;
  readonly behind: Behind | null;
};

const ALL: Met = { attempts: 1, refused: 0, bySize: null, behind: null };
/** Rates that are nearer each other than this are one. */
const STEP = 0.02;
const KNOWN_MAX = 1_000;

type MetByArm = { readonly [arm in ServingArm]: Met };

export class Demand {
  readonly #known = new Map<string, MetByArm>();

  /** For both arms, under the worse of several quotas. One on both is shared: who asks for more leaves less to the other. */
  metAt(scenario: Scenario, atMs: number, demandsOf: () => Demands): MetByArm {
    const { faults, traffic } = scenario;
    const quotas = faults.filter((one) => one.fault.kind === "quota" && isDuring(one, atMs));
    if (quotas.length === 0) return { stable: ALL, candidate: ALL };
    const { stable, candidate } = demandsOf();
    const demands = { stable: stepped(stable), candidate: stepped(candidate) };
    const all = quotas.map((quota) => this.#metUnder(quota, demands, traffic.retries));
    const worst = (arm: ServingArm): Met =>
      all.map((met) => met[arm]).reduce((a, b) => (b.refused > a.refused ? b : a), ALL);
    return { stable: worst("stable"), candidate: worst("candidate") };
  }

  #metUnder(quota: ScenarioFault, demands: Demands, retries: number): MetByArm {
    const asked = ({ perMinute, sizes }: ArmDemand) => [perMinute, sizes.length, sizes[0]];
    const { on, fault } = quota;
    const name = JSON.stringify([
      on,
      fault,
      retries,
      asked(demands.stable),
      asked(demands.candidate),
    ]);
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const made = measured(quota, demands, retries, name);
    if (this.#known.size < KNOWN_MAX) this.#known.set(name, made);
    return made;
  }
}

/** At a rate near its own, which others share: what is measured does not depend on whose came first. */
function stepped({ perMinute, sizes }: ArmDemand): ArmDemand {
  if (perMinute <= 0) return { perMinute: 0, sizes };
  return { perMinute: Math.exp(Math.round(Math.log(perMinute) / STEP) * STEP), sizes };
}

function measured(
  { on, fault }: ScenarioFault,
  all: Demands,
  retries: number,
  name: string,
): MetByArm {
  if (fault.kind !== "quota") return { stable: ALL, candidate: ALL };
  const arms = (["stable", "candidate"] as const).filter((arm) => on === "both" || on === arm);
  const demands = new Map(arms.map((arm) => [arm, all[arm]]));
  const demand = { quota: fault, retries, demands };
  const clock = new VirtualClock();
  const clients = new QuotaClients(clock, demand);
  const settleMs = settleMsOf(demand);
  clock.run(settleMs);
  for (const arm of arms) clients.of(arm)?.count();
  clock.run(2 * settleMs);
  const met = (arm: ServingArm): Met => {
    const own = clients.of(arm);
    if (own === undefined) return ALL;
    const { attempts, refused, bySize } = own;
    return { attempts, refused, bySize, behind: { ...demand, arm, name } };
  };
  return { stable: met("stable"), candidate: met("candidate") };
}
