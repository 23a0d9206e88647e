// A process that plays rollouts of one scenario in count-worlds: seeds come in, what they cost goes out, and what came of
// them as one hash.
import { createHash } from "node:crypto";
import { SLOTS } from "@slipway/core";
import { CountWorld, type Scenario, Surfaces, Trials } from "@slipway/simulator";
import { scenarioOf } from "@slipway/simulator/edge";
import { benchPolicy } from "../decisions/bench-policy.ts";
import { policyOf } from "../default-policy.ts";

export type Order = {
  readonly scenario: string;
  readonly hours: number;
  readonly firstSeed: number;
  readonly seeds: number;
  /** Answers measured of a version at each load. */
  readonly answers: number;
  /** Whether all requests are one segment. */
  readonly whole: boolean;
  /** Whether worlds are drawn with nobody to decide over a rollout. */
  readonly drawn: boolean;
};

export type Rolled = {
  /** Of this order, without what an earlier one had measured already. */
  readonly cpuMs: number;
  readonly requests: number;
  readonly sha256: string;
};

const TICK_MS = 10_000;
const HORIZON_MS = 60_000;
const SLOW_MS = 1_000;
/** A quarter of the users. */
const DRAWN_SLOTS = SLOTS / 4;

type Played = {
  readonly requests: number;
  /** All that came of it, to the last digit. */
  readonly text: string;
};

type Play = (scenario: Scenario, seed: number) => Played;

let play: Play | null = null;

/** What an earlier order measured is there for the next one. */
function playerOf({ answers, whole, drawn }: Order): Play {
  if (drawn) {
    const surfaces = new Surfaces({ answers });
    return (scenario, seed) => drawnWorld(scenario, seed, surfaces, whole);
  }
  const trials = new Trials({ answers });
  const decider = { kind: "slipway", policy: whole ? policyOf() : benchPolicy() } as const;
  return (scenario, seed) => {
    const course = trials.course(scenario, seed, decider);
    const requests = (course.endMs / 60_000) * scenario.traffic.perMinute;
    return { requests, text: JSON.stringify(course) };
  };
}

function drawnWorld(
  scenario: Scenario,
  seed: number,
  surfaces: Surfaces,
  isWhole: boolean,
): Played {
  const world = new CountWorld({
    scenario,
    seed,
    surfaces,
    tickMs: TICK_MS,
    horizonMs: HORIZON_MS,
    slowMs: SLOW_MS,
    rolloutId: `${scenario.name}-${seed}`,
    detail: isWhole ? "whole" : "languages",
  });
  const counts = { stable: { requests: 0, harmed: 0 }, candidate: { requests: 0, harmed: 0 } };
  const ticks = (scenario.traffic.hours * 3_600_000) / TICK_MS;
  for (let tick = 0; tick < ticks; tick++) {
    const drawn = world.next(DRAWN_SLOTS, 1);
    for (const arm of ["stable", "candidate"] as const) {
      counts[arm].requests += drawn.counts[arm].requests;
      counts[arm].harmed += drawn.counts[arm].harmed;
    }
  }
  const requests = counts.stable.requests + counts.candidate.requests;
  return { requests, text: JSON.stringify(counts) };
}

process.on("message", (order: Order) => {
  const { scenario: name, hours, firstSeed, seeds } = order;
  const before = process.cpuUsage();
  play ??= playerOf(order);
  const found = scenarioOf(name);
  const scenario = { ...found, traffic: { ...found.traffic, hours } };
  const hash = createHash("sha256");
  let requests = 0;
  for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
    const played = play(scenario, seed);
    hash.update(played.text);
    requests += played.requests;
  }
  const { user, system } = process.cpuUsage(before);
  const rolled: Rolled = { cpuMs: (user + system) / 1_000, requests, sha256: hash.digest("hex") };
  process.send?.(rolled);
});
