// What a world is made of, drawn from its seed: its size, its candidate, and which kinds of fault are on and how
// often they strike (swarm testing: some worlds lack most kinds, so that the rest meet undisturbed).
import { createRandom, type LeasePolicy, type Random } from "@slipway/core";
import type { CandidateKind } from "./fleet.ts";
import type { Conditions } from "./network.ts";

export const WORLD_FAULTS = [
  "worker-crash",
  "worker-drain",
  "controller-crash",
  "overthrow",
  "partition",
  "frames-lost",
  "acks-lost",
  "stream-break",
  "old-table",
  "bad-link",
  "clock-jump",
  "worker-clock-jump",
  "store-slow",
  "store-outage",
  "disk-full",
  "candidate-down",
  "candidate-errors",
  "candidate-slow",
  "stable-errors",
  "divert",
  "operator",
  "reconfigure",
] as const;

export type WorldFault = (typeof WORLD_FAULTS)[number];

/** Shares of the controller's commits that end otherwise than well. */
export type CommitTrouble = {
  readonly crashShare: number;
  readonly failShare: number;
  readonly delayMsMean: number;
};

export type WorldPlan = {
  readonly seed: number;
  readonly gateways: number;
  readonly workersPerGateway: number;
  readonly requestsPerSecond: number;
  readonly candidate: CandidateKind;
  readonly leaseMs: number;
  /** What workers do when their lease has lapsed. */
  readonly onLapse: LeasePolicy["onLapse"];
  readonly horizonMs: number;
  /** How long each stage holds; three seconds where absent. */
  readonly holdMs?: number;
  /** How long faults strike. */
  readonly faultsMs: number;
  /** Mean time between two faults of a kind; a kind that is not there never strikes. */
  readonly faults: { readonly [kind in WorldFault]?: number };
  readonly conditions: Conditions;
  readonly commits: CommitTrouble;
  /** How far the pace of each process's clock may be off, either way; as it should be where absent. */
  readonly driftMax?: number;
};

const CANDIDATES: readonly CandidateKind[] = ["healthy", "healthy", "slow-under-load", "failing"];

/** The world of a seed. */
export function planOf(seed: number): WorldPlan {
  const random = createRandom(seed);
  const among = (from: number, to: number): number => from + random.next() * (to - from);
  const on = (share: number, value: () => number): number => (random.next() < share ? value() : 0);
  return {
    seed,
    gateways: 1 + Math.floor(among(0, 3)),
    workersPerGateway: 1 + Math.floor(among(0, 2)),
    requestsPerSecond: Math.round(among(24, 32)),
    candidate: CANDIDATES[Math.floor(among(0, CANDIDATES.length))] ?? "healthy",
    leaseMs: Math.round(among(5_000, 10_000)),
    horizonMs: Math.round(among(3_000, 6_000)),
    faultsMs: Math.round(among(12_000, 36_000)),
    faults: faultsOf(random),
    conditions: {
      delayMsMin: 1,
      delayMsMean: among(1, 10) + on(0.3, () => among(50, 600)),
      lossShare: on(0.4, () => among(0.01, 0.2)),
      copyShare: on(0.4, () => among(0.02, 0.3)),
      copyDelayMsMean: among(10, 8_000),
    },
    commits: {
      crashShare: on(0.4, () => among(0.002, 0.04)),
      failShare: on(0.4, () => among(0.002, 0.05)),
      delayMsMean: on(0.4, () => among(2, 120)),
    },
    onLapse: random.next() < 0.15 ? "keep" : "stable",
    // Clocks of machines are slewed by half a thousandth at most.
    driftMax: on(0.4, () => among(0.000_05, 0.004)),
  };
}

function faultsOf(random: Random): WorldPlan["faults"] {
  const faults: { [kind in WorldFault]?: number } = {};
  const share = 0.15 + random.next() * 0.6;
  for (const kind of WORLD_FAULTS) {
    const isOn = random.next() < share;
    // From every few seconds to once in a world.
    const everyMs = 1_500 * 20 ** random.next();
    if (isOn) faults[kind] = Math.round(everyMs);
  }
  return faults;
}
