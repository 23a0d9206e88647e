// Scenarios that both kinds of world play, each with the share of users on the candidate under which it shows something.
import type { Scenario } from "@slipway/simulator";
import { scenarioOf } from "@slipway/simulator/edge";

export type Case = {
  /** Of the catalogue. */
  readonly scenario: string;
  /** What of a world it exercises. */
  readonly about: string;
  readonly percent: number;
  /** Of the rollout, until its caches and quotas are as they stay; three where absent. */
  readonly settleMinutes?: number;
  /** Its faults come so much sooner: nobody waits for what begins late. */
  readonly earlierMs?: number;
};

export const CASES: readonly Case[] = [
  { scenario: "healthy-equal", about: "nothing is wrong", percent: 25 },
  { scenario: "slow-under-load", about: "load", percent: 25 },
  { scenario: "slow-tail", about: "the tail", percent: 25 },
  { scenario: "worse-in-one-language", about: "one language", percent: 25 },
  { scenario: "over-refusing", about: "refusals", percent: 25 },
  { scenario: "error-burst", about: "errors", percent: 25, earlierMs: 20 * 60_000 },
  {
    scenario: "rate-limit-cascade",
    about: "a shared quota, and clients that ask again",
    percent: 50,
    // The quota holds a minute's worth, and is exceeded by a sixth.
    settleMinutes: 8,
  },
  { scenario: "healthy-cold-start", about: "a slow start", percent: 25, settleMinutes: 7 },
  { scenario: "healthy-heavy-user", about: "one user sends much", percent: 50 },
  { scenario: "bad-replica", about: "one replica of four", percent: 25 },
];

export function playedOf({ scenario, earlierMs = 0 }: Case): Scenario {
  const found = scenarioOf(scenario);
  if (earlierMs === 0) return found;
  const faults = found.faults.map((one) => ({
    ...one,
    fromMs: Math.max(0, one.fromMs - earlierMs),
  }));
  return { ...found, faults };
}
