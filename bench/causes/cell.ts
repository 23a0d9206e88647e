// A scenario in many worlds: which causes the analysis of its first incident named, and in which order.
import type { Policy } from "@slipway/core";
import type { Scenario, ScenarioCause, Trials } from "@slipway/simulator";
import { shaOf } from "../decisions/cell.ts";
import type { KeptCell } from "../decisions/cells-file.ts";
import { analysedIn } from "./incident-world.ts";

export type CauseCell = KeptCell & {
  readonly planted: ScenarioCause;
  /** By what opened it. */
  readonly incidents: { readonly [opening: string]: number };
  /** Hypotheses of each incident, the first first, no more than three; by its seed. */
  readonly named: { readonly [seed: string]: readonly string[] };
};

export const METHOD = "analysis";
const NAMED_MAX = 3;
/** A scenario that had no incident in so many worlds has none. */
const WITHOUT_MAX = 3;

export function causeCellOf(
  scenario: Scenario,
  trials: Trials,
  policy: Policy,
  seeds: number,
): CauseCell {
  const incidents: { [opening: string]: number } = {};
  const named: { [seed: string]: readonly string[] } = {};
  let tried = 0;
  for (let seed = 1; seed <= seeds; seed++) {
    const isHealthy = scenario.cause === "none";
    if (!isHealthy && seed > WITHOUT_MAX && Object.keys(named).length === 0) break;
    tried++;
    const found = analysedIn(trials, scenario, seed, policy);
    if (found === null) continue;
    const { kind } = found.incident.opening;
    incidents[kind] = (incidents[kind] ?? 0) + 1;
    named[seed] = found.analysis.hypotheses.slice(0, NAMED_MAX).map(({ cause }) => cause);
  }
  return {
    scenario: scenario.name,
    method: METHOD,
    sha256: shaOf(scenario),
    seeds: tried,
    planted: scenario.cause,
    incidents,
    named,
  };
}
