// How rollout controllers decide: how often and how soon they find harm, how many requests it costs, and how often they
// take a healthy version back. Every method in the same simulated worlds: npm run bench:decisions -- [--quick] [--json]
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { catalogue } from "@slipway/simulator/edge";
import { fillAll } from "./decisions/crew.ts";
import { tablesOf } from "./decisions/table.ts";
import type { Order } from "./decisions/worker-main.ts";
import { thisMachine } from "./machine.ts";
import { writeFigures } from "./page.ts";

const SEEDS = 200;
/** A false alarm in a hundred takes more to be told from one in fifty. */
const SEEDS_HEALTHY = 1_000;
/** Too few for a rate: it shows that every cell still ends as it did. */
const SEEDS_QUICK = 2;
const ANSWERS = 2_000;
const ANSWERS_QUICK = 300;

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    /** Scenarios, and methods, whose names contain this. */
    only: { type: "string", default: "" },
    method: { type: "string", default: "" },
    seeds: { type: "string" },
    holdback: { type: "string" },
    /** A page in which the tables replace those before. */
    page: { type: "string" },
  },
});

const given = values.seeds === undefined ? null : Number(values.seeds);
const base = {
  seeds: given ?? (values.quick ? SEEDS_QUICK : SEEDS),
  seedsHealthy: given ?? (values.quick ? SEEDS_QUICK : SEEDS_HEALTHY),
  answers: values.quick ? ANSWERS_QUICK : ANSWERS,
  method: values.method,
  ...(values.holdback === undefined ? {} : { holdback: values.holdback }),
};
const scenarios = catalogue().filter(({ name }) => name.includes(values.only));
const orders = scenarios.map(({ name: scenario }): Order => ({ scenario, ...base }));
const filled = await fillAll(orders, availableParallelism(), ({ scenario }, { cpuSeconds }) => {
  process.stderr.write(`${scenario}: ${Math.round(cpuSeconds)} s of the processor\n`);
});
const cells = filled.flatMap((one) => one.cells);
const text = `${tablesOf(cells, scenarios)}\n\n${base.seeds} seeds a cell, ${base.seedsHealthy} where nothing is worse. \`npm run bench:decisions\` on Node ${process.version}.`;
if (values.json) {
  process.stdout.write(`${JSON.stringify({ machine: thisMachine(), cells })}\n`);
} else {
  process.stdout.write(`${text}\n`);
}
if (values.page !== undefined) writeFigures(values.page, "decisions", text);
