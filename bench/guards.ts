// How the default guards decide: how often they roll a healthy version back, how soon they find a bad one, how long
// a healthy one takes to reach everybody. Simulated on counts, on all cores:
// npm run bench:guards -- [--quick] [--json] [--seeds N] [--from SEED] [--tell] [--holdback 0%] [--page FILE] [NAME]
// NAME: the cases whose names contain it. --tell has a line for each rollout that did not end as it should.
import { parseArgs } from "node:util";
import { fillAll } from "./crew.ts";
import { CASES } from "./guards/cases.ts";
import {
  type Figures,
  figuresOf,
  HEAD_LINE,
  lineOf,
  strayLines,
  tableOf,
} from "./guards/figures.ts";
import { figuresFileOf, mergedFigures } from "./guards/kept-figures.ts";
import type { Order, Played } from "./guards/worker-main.ts";
import { thisMachine } from "./machine.ts";
import { writeFigures } from "./page.ts";

const SEEDS = 1_000;
/** Too few for a rate: it shows that every case still ends as it should. */
const SEEDS_QUICK = 4;
/** Rollouts that a process plays before it gets others: few enough that none waits long for the last. */
const SEEDS_AT_ONCE = 50;

const { values, positionals } = parseArgs({
  options: {
    quick: { type: "boolean" },
    json: { type: "boolean" },
    seeds: { type: "string" },
    /** The first seed, 1 by itself: one rollout is played again with --from SEED --seeds 1. */
    from: { type: "string" },
    tell: { type: "boolean" },
    holdback: { type: "string" },
    /** A page in which the table replaces the one before. What it had of other cases stays. */
    page: { type: "string" },
  },
  allowPositionals: true,
});
if (
  values.page !== undefined &&
  (values.quick === true || values.holdback !== undefined || values.from !== undefined)
) {
  throw new Error(
    "--page shows the default guards by enough seeds: leave --quick, --holdback and --from out",
  );
}
const seeds = Number(values.seeds ?? (values.quick === true ? SEEDS_QUICK : SEEDS));
const from = Number(values.from ?? 1);
const { holdback } = values;
const all: Figures[] = [];
if (values.json !== true) process.stdout.write(`${HEAD_LINE}\n`);
for (const one of CASES.filter(({ name }) => positionals.every((part) => name.includes(part)))) {
  const orders: Order[] = [];
  for (let firstSeed = from; firstSeed < from + seeds; firstSeed += SEEDS_AT_ONCE) {
    const own = { firstSeed, seeds: Math.min(SEEDS_AT_ONCE, from + seeds - firstSeed) };
    orders.push({ name: one.name, ...own, ...(holdback === undefined ? {} : { holdback }) });
  }
  const played = await fillAll<Order, Played>(orders, {
    worker: new URL("./guards/worker-main.ts", import.meta.url),
    nameOf: ({ name, firstSeed }) => `${name}, seeds from ${firstSeed}`,
  });
  const courses = played.flatMap(({ courses }) => courses);
  const figures = figuresOf(one, courses);
  all.push(figures);
  if (values.json !== true) process.stdout.write(`${lineOf(figures)}\n`);
  if (values.tell === true) process.stdout.write(strayLines(one, courses));
}
if (values.json === true) {
  process.stdout.write(`${JSON.stringify({ machine: thisMachine(), figures: all })}\n`);
}
const { page } = values;
if (page !== undefined) {
  const names = CASES.map(({ name }) => name);
  const shown = mergedFigures(figuresFileOf(page), all, names);
  const made = `\`npm run bench:guards\` on Node ${process.version}.`;
  writeFigures(page, "guards", `${tableOf(shown)}\n\n${made}`);
}
