// How often the analysis of an incident names what was planted: every scenario of the catalogue that has incidents, in
// many worlds. npm run bench:causes -- [--quick] [--json] [--only PART] [--seeds N] [--page FILE]
import { catalogue } from "@slipway/simulator/edge";
import { METHOD } from "./causes/cell.ts";
import { causesText } from "./causes/table.ts";
import type { Filled, Order } from "./causes/worker-main.ts";
import { fillAll } from "./crew.ts";
import { cellsFileOf, mergedCells } from "./decisions/cells-file.ts";
import { thisMachine } from "./machine.ts";
import { writeFigures } from "./page.ts";
import { scenarioOptions } from "./scenario-options.ts";

const SEEDS = 50;
/** Hours of a healthy rollout take ten times as long as a harmful one. */
const SEEDS_HEALTHY = 10;
/** Shows that every scenario still is analysed; too few for a rate. */
const SEEDS_QUICK = 2;
const ANSWERS = 1_000;
const ANSWERS_QUICK = 300;

const asked = scenarioOptions({ seedsMin: 1, hasPage: true });

const all = catalogue();
const orders = all
  .filter(({ name }) => name.includes(asked.only))
  .map(({ name, cause }): Order => {
    const full = cause === "none" ? SEEDS_HEALTHY : SEEDS;
    return {
      scenario: name,
      seeds: asked.seeds ?? (asked.quick ? SEEDS_QUICK : full),
      answers: asked.quick ? ANSWERS_QUICK : ANSWERS,
    };
  });
const filled = await fillAll<Order, Filled>(orders, {
  worker: new URL("./causes/worker-main.ts", import.meta.url),
  nameOf: ({ scenario }) => scenario,
  onFilled: ({ scenario }, { cpuSeconds }) => {
    process.stderr.write(`${scenario}: ${Math.round(cpuSeconds)} s of the processor\n`);
  },
});
const cells = filled.map(({ cell }) => cell);
const made = `\`npm run bench:causes\` on Node ${process.version}.`;

if (asked.json) {
  process.stdout.write(`${JSON.stringify({ machine: thisMachine(), cells })}\n`);
} else {
  process.stdout.write(`${causesText(cells)}\n\n${made}\n`);
}
if (asked.page !== null) {
  const order = { scenarios: all, methods: [METHOD] };
  const merged = mergedCells(cellsFileOf(asked.page), cells, order, ({ scenario }) => {
    process.stderr.write(`left out, since the scenario was changed: ${scenario}\n`);
  });
  writeFigures(asked.page, "causes", `${causesText(merged)}\n\n${made}`);
}
