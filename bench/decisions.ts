// How rollout controllers decide: how often and how soon they find harm, how many requests it costs, and how often they
// take a healthy version back. Every method in the same simulated worlds: npm run bench:decisions -- [--quick] [--json]
import { parseArgs } from "node:util";
import { catalogue } from "@slipway/simulator/edge";
import { fillAll } from "./crew.ts";
import { benchPolicy } from "./decisions/bench-policy.ts";
import type { Cell } from "./decisions/cell.ts";
import { cellsFileOf, mergedCells } from "./decisions/cells-file.ts";
import { methodsOf, OWN } from "./decisions/methods.ts";
import { summaryOf } from "./decisions/summary.ts";
import { tablesOf } from "./decisions/table.ts";
import type { Filled, Order } from "./decisions/worker-main.ts";
import { thisMachine } from "./machine.ts";
import { writeFigures } from "./page.ts";

const SEEDS = 200;
/** A false alarm in a hundred takes more to be told from one in fifty. */
const SEEDS_HEALTHY = 1_000;
/** Too few for a rate: it shows that every cell still ends as it did. */
const SEEDS_QUICK = 1;
const ANSWERS = 2_000;
const ANSWERS_QUICK = 150;

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    /** Scenarios, and methods, whose names contain this. */
    only: { type: "string", default: "" },
    method: { type: "string", default: "" },
    seeds: { type: "string" },
    "seeds-healthy": { type: "string" },
    holdback: { type: "string" },
    /** Processes at once; one for each core where absent. */
    jobs: { type: "string" },
    /** A page in which the tables replace those before. What it had of other cells stays. */
    page: { type: "string" },
  },
});
if (values.page !== undefined && (values.quick || values.holdback !== undefined)) {
  throw new Error(
    "--page shows what the whole benchmark measures: leave --quick and --holdback out",
  );
}

const jobs = values.jobs === undefined ? null : Number(values.jobs);
if (jobs !== null && !(Number.isInteger(jobs) && jobs >= 1)) {
  throw new Error(`--jobs is a whole number from 1 on, not ${values.jobs}`);
}

const numberOf = (text: string | undefined): number | null =>
  text === undefined ? null : Number(text);
const given = numberOf(values.seeds);
const givenHealthy = numberOf(values["seeds-healthy"]);
const base = {
  seeds: given ?? (values.quick ? SEEDS_QUICK : SEEDS),
  seedsHealthy: givenHealthy ?? given ?? (values.quick ? SEEDS_QUICK : SEEDS_HEALTHY),
  answers: values.quick ? ANSWERS_QUICK : ANSWERS,
  method: values.method,
  ...(values.holdback === undefined ? {} : { holdback: values.holdback }),
};
const all = catalogue();
// The long ones first, so that no core waits for the last of them.
const chosen = all
  .filter(({ name }) => name.includes(values.only))
  .toSorted((a, b) => Number(b.expect === "completed") - Number(a.expect === "completed"));
const orders = chosen.map(({ name: scenario }): Order => ({ scenario, ...base }));
const filled = await fillAll<Order, Filled>(orders, {
  worker: new URL("./decisions/worker-main.ts", import.meta.url),
  nameOf: ({ scenario }) => scenario,
  ...(jobs === null ? {} : { jobs }),
  onFilled: ({ scenario }, { cpuSeconds }) => {
    process.stderr.write(`${scenario}: ${Math.round(cpuSeconds)} s of the processor\n`);
  },
});
const cells = filled.flatMap((one) => one.cells);

/** Tables of these, and what they were measured with. */
function textOf(shown: readonly Cell[]): string {
  const rangeOf = (cells: readonly Cell[]): string => {
    const seeds = cells.map((cell) => cell.seeds);
    const [least, most] = [Math.min(...seeds), Math.max(...seeds)];
    return least === most ? `${least}` : `${least} to ${most}`;
  };
  const healthy = new Set(
    all.flatMap(({ name, expect }) => (expect === "completed" ? [name] : [])),
  );
  const long = shown.filter(({ scenario, method }) => method === OWN && healthy.has(scenario));
  const rest = shown.filter((cell) => !long.includes(cell));
  const seeds = [
    ...(rest.length === 0 ? [] : [`${rangeOf(rest)} seeds a cell`]),
    ...(long.length === 0 ? [] : [`${rangeOf(long)} for ${OWN} where nothing is worse`]),
  ].join("; ");
  const summary = summaryOf(shown, all);
  const made = `${seeds}. \`npm run bench:decisions\` on Node ${process.version}.`;
  return [summary, tablesOf(shown, all), made].filter((part) => part !== "").join("\n\n");
}

if (values.json) {
  process.stdout.write(`${JSON.stringify({ machine: thisMachine(), cells })}\n`);
} else {
  process.stdout.write(`${textOf(cells)}\n`);
}
const { page } = values;
if (page !== undefined) {
  const methods = methodsOf(benchPolicy()).map(({ name }) => name);
  const order = { scenarios: all, methods };
  const merged = mergedCells(cellsFileOf(page), cells, order, ({ scenario, method }) => {
    process.stderr.write(`left out, since the scenario was changed: ${scenario}, ${method}\n`);
  });
  writeFigures(page, "decisions", textOf(merged));
}
