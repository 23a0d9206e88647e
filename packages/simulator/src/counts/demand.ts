// What quotas leave of a tick's requests, and what clients make of it: each refusal is sent again a few times, and every
// attempt is one more request against the same quota.
import { isDuring, type Scenario, type ScenarioFault } from "../scenario/scenario.ts";

type ArmDemand = {
  /** Requests per minute that users want. */
  readonly perMinute: number;
  /** That a request counts against a quota, on average. */
  readonly tokens: number;
};

export type Met = {
  /** Requests, with those that were sent again, for each that is wanted. */
  readonly attempts: number;
  /** Share of the attempts that is refused. */
  readonly refused: number;
};

export type Demands = { readonly stable: ArmDemand; readonly candidate: ArmDemand };

const ALL: Met = { attempts: 1, refused: 0 };
/** The refusals and the attempts that they cause settle within so many rounds. */
const ROUNDS = 30;

/** For both arms. A quota on both is shared: who asks for more leaves less to the other. */
export function metAt(
  scenario: Scenario,
  atMs: number,
  demands: Demands,
): { readonly stable: Met; readonly candidate: Met } {
  const met = (arm: "stable" | "candidate"): Met =>
    scenario.faults
      .filter((one) => one.fault.kind === "quota" && isDuring(one, atMs))
      .filter(({ on }) => on === "both" || on === arm)
      .map((one) => metUnder(one, demands, scenario.traffic.retries))
      .reduce((worst, one) => (one.refused > worst.refused ? one : worst), ALL);
  return { stable: met("stable"), candidate: met("candidate") };
}

function metUnder({ on, fault }: ScenarioFault, demands: Demands, retries: number): Met {
  if (fault.kind !== "quota") return ALL;
  const asking = on === "both" ? [demands.stable, demands.candidate] : [demands[on]];
  const requests = asking.reduce((sum, { perMinute }) => sum + perMinute, 0);
  const tokens = asking.reduce((sum, { perMinute, tokens: each }) => sum + perMinute * each, 0);
  const over = Math.max(requests / fault.requestsPerMinute, tokens / fault.tokensPerMinute);
  let met = ALL;
  for (let round = 0; round < ROUNDS; round++) {
    const refused = Math.max(0, 1 - 1 / (over * met.attempts));
    let attempts = 0;
    for (let retry = 0; retry <= retries; retry++) attempts += refused ** retry;
    met = { attempts, refused };
  }
  return met;
}
