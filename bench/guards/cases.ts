// What the guards are tried on, each with the figure that the literature or a plain simulation of the same test
// gives for it.

import type { ArmBehaviour, World } from "./behaviour.ts";
import type { Course } from "./world.ts";

export type Case = {
  readonly name: string;
  readonly world: Omit<World, "policy">;
  /** How it should end. */
  readonly wanted: Course["outcome"];
  /** Times that are told: to the end, or to all users. */
  readonly told: "end" | "all-users";
  /** What to hold the figures against: minutes as median/p90, false alarms over the whole course. */
  readonly reference: string;
};

function arm(errorRate: number, p99Ms = 200): ArmBehaviour {
  return { errorRate: () => errorRate, p99Ms, p99TtftMs: null };
}

/** With streams: a third primary guard has evidence. */
function streaming(errorRate: number): ArmBehaviour {
  return { errorRate: () => errorRate, p99Ms: 200, p99TtftMs: 80 };
}

const HOURS = 8;
const usual = {
  perMinute: 1_000,
  segments: 1,
  users: null,
  stable: arm(0.01),
  late: false,
  hours: HOURS,
};

const healthy = { wanted: "completed", told: "all-users" } as const;
const harmful = { wanted: "rolled-back", told: "end" } as const;

/** One of ten equally large segments. */
function worseInOne(base: number, worse: number): ArmBehaviour {
  return { errorRate: (segment) => (segment === 0 ? worse : base), p99Ms: 200, p99TtftMs: null };
}

/** What three primary guards make of a healthy version that five languages use. */
const GRID: readonly Case[] = [0.01, 0.001].flatMap((rate) =>
  [100, 1_000, 10_000].map(
    (perMinute): Case => ({
      name: `healthy, errors ${100 * rate}%, ${perMinute} a minute, three guards, five languages`,
      world: {
        ...usual,
        perMinute,
        segments: 5,
        users: 10_000,
        stable: streaming(rate),
        candidate: streaming(rate),
      },
      ...healthy,
      reference: "wanted: 95% within 8 h, at most 1% rolled back",
    }),
  ),
);

export const CASES: readonly Case[] = [
  ...GRID,
  {
    name: "healthy, errors 1%",
    world: { ...usual, candidate: arm(0.01) },
    ...healthy,
    reference: "90 to all users with one guard; 0.4% false alarms",
  },
  {
    name: "healthy, errors 0.1%",
    world: { ...usual, stable: arm(0.001), candidate: arm(0.001) },
    ...healthy,
    reference: "720 to all users by ratio alone",
  },
  {
    name: "healthy, errors 1%, five segments",
    world: { ...usual, segments: 5, candidate: arm(0.01) },
    ...healthy,
    reference: "2760 when every segment must pass",
  },
  {
    name: "healthy, errors 1%, 500 users",
    world: { ...usual, users: 500, candidate: arm(0.01) },
    ...healthy,
    reference: "25 on the candidate, alpha 0.05: 26.7% raw, 1% tempered",
  },
  {
    name: "healthy, errors 1%, 10,000 users",
    world: { ...usual, users: 10_000, candidate: arm(0.01) },
    ...healthy,
    reference: "500 on the candidate, alpha 0.05: 4% raw, 0.3% tempered",
  },
  {
    name: "errors 1% to 3%, at 5%",
    world: { ...usual, candidate: arm(0.03) },
    ...harmful,
    reference: "9.8/20 at alpha 0.01 for one guard",
  },
  {
    name: "errors 1% to 2%, at 5%",
    world: { ...usual, candidate: arm(0.02) },
    ...harmful,
    reference: "33/67 at alpha 0.01 for one guard",
  },
  {
    name: "P99 200 ms to 800 ms, at 5%",
    world: { ...usual, candidate: arm(0.01, 800) },
    ...harmful,
    reference: "1.7/3.5 at alpha 0.01 for one guard",
  },
  {
    name: "P99 200 ms to 600 ms, at 5%",
    world: { ...usual, candidate: arm(0.01, 600) },
    ...harmful,
    reference: "6.2/14 at alpha 0.01 for one guard",
  },
  {
    name: "3% of answers 600 ms slower, P99 200 ms, at 5%",
    world: { ...usual, candidate: { ...arm(0.01), tail: { share: 0.03, moreMs: 600 } } },
    ...harmful,
    reference: "8.2/19 at alpha 0.01 for one guard",
  },
  {
    name: "errors 2% to 6% in one of ten segments",
    world: { ...usual, segments: 10, stable: arm(0.02), candidate: worseInOne(0.02, 0.06) },
    ...harmful,
    reference: "53/108 at alpha 0.05, eight segments",
  },
  {
    name: "errors 1% to 3% after 100%",
    world: { ...usual, candidate: arm(0.03), late: true },
    ...harmful,
    reference: "none",
  },
  {
    name: "P99 200 ms to 800 ms after 100%",
    world: { ...usual, candidate: arm(0.01, 800), late: true },
    ...harmful,
    reference: "none",
  },
];
