// How often a healthy rollout is taken for one that harms stable, or for an outage, and how soon one that does is found:
// whole rollouts on drawn counts. npm run bench:common-cause -- [--quick] [--json] [--seeds N] [--holdback 0%] [NAME]
import { parseArgs } from "node:util";
import { createRandom } from "@slipway/core";
import { holdbackLine, policyOf } from "./default-policy.ts";
import type { World } from "./guards/behaviour.ts";
import { courseOf } from "./guards/world.ts";
import { thisMachine } from "./machine.ts";

const SEEDS = 200;
const SEEDS_QUICK = 4;
const HOUR_MS = 3_600_000;
const arm = { errorRate: () => 0.01, p99Ms: 200, p99TtftMs: null };

type Case = {
  readonly name: string;
  readonly world: (seed: number) => Omit<World, "policy">;
};

const usual = {
  perMinute: 1_000,
  segments: 1,
  users: null,
  stable: arm,
  candidate: arm,
  late: false,
  hours: 4,
  sharedPools: ["p"],
};

/** Up and down by half, with a period between twenty minutes and four hours, from any point of it on. */
function swing(seed: number): (fromMs: number) => number {
  const random = createRandom(seed + 7_000);
  const periodMs = (HOUR_MS / 3) * 12 ** random.next();
  const phase = random.next();
  return (fromMs) => 1 + 0.5 * Math.sin(2 * Math.PI * (fromMs / periodMs + phase));
}

/** Minutes with three times the requests, one in five. */
function bursts(seed: number): (fromMs: number) => number {
  const random = createRandom(seed + 9_000);
  const minutes = Array.from({ length: 600 }, () => (random.next() < 0.2 ? 3 : 0.5));
  return (fromMs) => minutes[Math.floor(fromMs / 60_000) % minutes.length] ?? 1;
}

const CASES: readonly Case[] = [
  { name: "healthy", world: () => usual },
  { name: "healthy, bursts of load", world: (seed) => ({ ...usual, demand: bursts(seed) }) },
  { name: "healthy, latency +-50%", world: (seed) => ({ ...usual, slowness: swing(seed) }) },
  {
    name: "healthy, both",
    world: (seed) => ({ ...usual, demand: bursts(seed), slowness: swing(seed) }),
  },
  {
    name: "healthy, both, 100 a minute",
    world: (seed) => ({
      ...usual,
      perMinute: 100,
      demand: bursts(seed),
      slowness: swing(seed),
    }),
  },
  { name: "healthy, 500 users", world: () => ({ ...usual, users: 500 }) },
];

type Figures = {
  readonly name: string;
  readonly seeds: number;
  readonly steppedBack: number;
  readonly pagedForPool: number;
  readonly pagedForOutage: number;
  readonly rolledBack: number;
};

function figuresOf({ name, world }: Case, seeds: number): Figures {
  const policy = policyOf(holdbackLine(values.holdback));
  const courses = Array.from({ length: seeds }, (_, index) =>
    courseOf({ ...world(index + 1), policy }, index + 1),
  );
  const count = (which: (course: (typeof courses)[number]) => boolean): number =>
    courses.filter(which).length;
  return {
    name,
    seeds,
    steppedBack: count(({ steppedBack }) => steppedBack),
    pagedForPool: count(({ pages }) => pages.includes("shared-pool")),
    pagedForOutage: count(({ pages }) => pages.includes("outage")),
    rolledBack: count(({ outcome }) => outcome === "rolled-back"),
  };
}

const { values, positionals } = parseArgs({
  options: {
    quick: { type: "boolean" },
    json: { type: "boolean" },
    seeds: { type: "string" },
    holdback: { type: "string" },
  },
  allowPositionals: true,
});
const seeds = Number(values.seeds ?? (values.quick === true ? SEEDS_QUICK : SEEDS));
const chosen = CASES.filter(({ name }) => positionals.every((part) => name.includes(part)));
const all: Figures[] = [];
for (const one of chosen) {
  const figures = figuresOf(one, seeds);
  all.push(figures);
  if (values.json === true) continue;
  const { name, steppedBack, pagedForPool, pagedForOutage, rolledBack } = figures;
  process.stdout.write(
    `${name.padEnd(30)} of ${seeds}: stepped back ${steppedBack}, paged for a shared pool ${pagedForPool}, for an outage ${pagedForOutage}, rolled back by a guard ${rolledBack}\n`,
  );
}
if (values.json === true)
  process.stdout.write(`${JSON.stringify({ machine: thisMachine(), figures: all })}\n`);
