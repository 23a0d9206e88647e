// How long a thousand rehearsed rollouts take: four virtual hours each, at a thousand requests a minute, over all cores.
// The hash is of every course to the last digit: what makes them quicker must not change it.
// npm run bench:counts -- [--quick] [--json] [--rollouts N] [--scenario NAME] [--whole] [--drawn]
import { createHash } from "node:crypto";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { scenarioNames } from "@slipway/simulator/edge";
import type { Order, Rolled } from "./counts/worker-main.ts";
import { fillAll } from "./crew.ts";
import { thisMachine } from "./machine.ts";

const ROLLOUTS = 1_000;
const ROLLOUTS_QUICK = 40;
const HOURS = 4;
const ANSWERS = 2_000;
/** Seeds that a process is given at a time: few enough that all cores end together. */
const SEEDS_AT_ONCE = 10;

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    rollouts: { type: "string" },
    scenario: { type: "string", default: "healthy-equal" },
    /** Under the defaults, which nobody has told what language requests are in. */
    whole: { type: "boolean", default: false },
    /** The worlds alone, all of their hours with a quarter of the users on the candidate: nobody decides. */
    drawn: { type: "boolean", default: false },
  },
});

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}

const rollouts = Number(values.rollouts ?? (values.quick ? ROLLOUTS_QUICK : ROLLOUTS));
if (!Number.isInteger(rollouts) || rollouts < 1) {
  fail(`--rollouts is a whole number from 1 on, not ${values.rollouts}`);
}
const { scenario, whole, drawn } = values;
if (!scenarioNames().includes(scenario)) {
  fail(`--scenario knows no ${scenario}; it knows ${scenarioNames().join(", ")}`);
}
const orders = Array.from({ length: Math.ceil(rollouts / SEEDS_AT_ONCE) }, (_, index): Order => {
  const firstSeed = 1 + index * SEEDS_AT_ONCE;
  const seeds = Math.min(SEEDS_AT_ONCE, rollouts + 1 - firstSeed);
  return { scenario, hours: HOURS, firstSeed, seeds, answers: ANSWERS, whole, drawn };
});
const before = performance.now();
const filled = await fillAll<Order, Rolled>(orders, {
  worker: new URL("./counts/worker-main.ts", import.meta.url),
  nameOf: ({ firstSeed }) => `seeds from ${firstSeed} on`,
});
const seconds = (performance.now() - before) / 1_000;
const cpuSeconds = filled.reduce((sum, { cpuMs }) => sum + cpuMs / 1_000, 0);
const requests = filled.reduce((sum, one) => sum + one.requests, 0);
const hash = createHash("sha256");
for (const { sha256 } of filled) hash.update(sha256);
const sha256 = hash.digest("hex");
const figures = {
  scenario,
  segments: whole ? "one" : "by language",
  decides: drawn ? "nobody" : "Slipway",
  rollouts,
  hours: HOURS,
  cores: availableParallelism(),
  seconds,
  cpuSeconds,
  cpuMsPerRollout: (1_000 * cpuSeconds) / rollouts,
  cpuNsPerRequest: (1e9 * cpuSeconds) / requests,
  sha256,
};
if (values.json) {
  process.stdout.write(`${JSON.stringify({ machine: thisMachine(), ...figures })}\n`);
} else {
  process.stdout.write(
    `${rollouts} ${drawn ? "worlds" : "rollouts"} of ${scenario}, ${drawn ? "" : "at most "}${HOURS} virtual hours each, segments ${figures.segments}: ${seconds.toFixed(1)} s on ${figures.cores} cores\n` +
      `${Math.round(figures.cpuMsPerRollout)} ms of processor each, ${Math.round(figures.cpuNsPerRequest)} ns a request, measuring the servers included\n` +
      `${drawn ? "counts" : "courses"} ${sha256.slice(0, 16)}\n`,
  );
}
