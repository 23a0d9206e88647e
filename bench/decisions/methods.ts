// What decides in the benchmark: Slipway's defaults, and the rules of other tools as re-implemented from their
// documented behaviour, each once with its defaults and once as a careful team would set it.
import type { Policy } from "@slipway/core";
import {
  argo,
  type Decider,
  flagger,
  kayenta,
  type Rule,
  type Scenario,
  stagesOf,
  type Trials,
  zTest,
} from "@slipway/simulator";

export type Method = {
  readonly name: string;
  /** For a scenario, whose stable version the team knows. */
  readonly decider: (scenario: Scenario, trials: Trials) => Decider;
};

/** What this benchmark is of. */
export const OWN = "Slipway";

/** What stable fails on an ordinary day: what a careful team sets its fixed limits by. */
const USUAL_ERRORS = 0.01;

type Known = { readonly p99Ms: number };

export function methodsOf(policy: Policy): readonly Method[] {
  const stages = stagesOf(policy);
  const peer = (name: string, ruleOf: (known: Known) => Rule): Method => ({
    name,
    decider: (scenario, trials) => ({
      kind: "rule",
      rule: ruleOf({ p99Ms: trials.p99Ms(scenario) }),
      stages,
    }),
  });
  return [
    { name: OWN, decider: () => ({ kind: "slipway", policy }) },
    peer("Flagger", () =>
      flagger({ name: "Flagger", threshold: 1, errorRateMax: 0.01, p99MsMax: 500 }),
    ),
    peer("Flagger, tuned", ({ p99Ms }) =>
      flagger({
        name: "Flagger, tuned",
        threshold: 5,
        errorRateMax: 3 * USUAL_ERRORS,
        p99MsMax: 2 * p99Ms,
      }),
    ),
    peer("Argo", () =>
      argo({
        name: "Argo",
        pauseMinutes: 10,
        intervalMinutes: 5,
        lookbackMinutes: 5,
        failureLimit: 0,
        condition: { kind: "fixed", errorRateMax: 0.05, p99MsMax: 500 },
      }),
    ),
    peer("Argo, tuned", () =>
      argo({
        name: "Argo, tuned",
        pauseMinutes: 20,
        intervalMinutes: 1,
        lookbackMinutes: 5,
        failureLimit: 3,
        condition: { kind: "relative", errorDifferenceMax: 0.02, p99RatioMax: 2 },
      }),
    ),
    peer("Kayenta", () =>
      kayenta({
        name: "Kayenta",
        lifetimeMinutes: 60,
        intervalMinutes: 60,
        marginal: 75,
        pass: 95,
      }),
    ),
    peer("Kayenta, tuned", () =>
      kayenta({
        name: "Kayenta, tuned",
        lifetimeMinutes: 60,
        intervalMinutes: 10,
        marginal: 75,
        pass: 95,
      }),
    ),
    peer("z-test", ({ p99Ms }) =>
      zTest({
        name: "z-test",
        holdMinutes: 10,
        baseline: { errorRate: USUAL_ERRORS, p99Ms: 2 * p99Ms },
      }),
    ),
  ];
}
