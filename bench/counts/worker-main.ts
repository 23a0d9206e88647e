// A process that plays rollouts of one scenario in count-worlds: seeds come in, what they cost goes out, and what came of
// them as one hash.
import { createHash } from "node:crypto";
import { Trials } from "@slipway/simulator";
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
};

export type Rolled = {
  /** Of this order, without what an earlier one had measured already. */
  readonly cpuMs: number;
  readonly requests: number;
  readonly sha256: string;
};

let trials: Trials | null = null;

process.on("message", ({ scenario: name, hours, firstSeed, seeds, answers, whole }: Order) => {
  const before = process.cpuUsage();
  trials ??= new Trials({ answers });
  const found = scenarioOf(name);
  const scenario = { ...found, traffic: { ...found.traffic, hours } };
  const decider = { kind: "slipway", policy: whole ? policyOf() : benchPolicy() } as const;
  const hash = createHash("sha256");
  let requests = 0;
  for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
    const course = trials.course(scenario, seed, decider);
    hash.update(JSON.stringify(course));
    requests += (course.endMs / 60_000) * scenario.traffic.perMinute;
  }
  const { user, system } = process.cpuUsage(before);
  const rolled: Rolled = { cpuMs: (user + system) / 1_000, requests, sha256: hash.digest("hex") };
  process.send?.(rolled);
});
