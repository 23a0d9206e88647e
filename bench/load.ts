// The load gate against simulated engines whose capacity is known: how far off is the capacity that it measures, and the
// P99 that its model tells for one and a half and three times the load? In virtual time, so that the machine decides
// nothing; then at a real socket, with a generator that has a processor and with one that is starved.
// npm run bench:load -- [--quick] [--json] [--no-sockets] [--page docs/load-benchmark.md] [NAME]
import { parseArgs } from "node:util";
import { type Figures, figuresOf, summaryOf, tableOf } from "./load/figures.ts";
import { LOAD_SETTINGS } from "./load/settings.ts";
import { socketRuns, socketTable } from "./load/sockets.ts";
import { thisMachine } from "./machine.ts";
import { writeFigures } from "./page.ts";

const STEP_MS = 600_000;
const SOCKET_STEP_MS = 45_000;
/** Too few settings, and steps too short, to quote. */
const QUICK = { settings: 2, stepMs: 300_000, socketStepMs: 10_000 } as const;

const { values, positionals } = parseArgs({
  options: {
    quick: { type: "boolean" },
    json: { type: "boolean" },
    "no-sockets": { type: "boolean" },
    /** A page in which the figures replace those before. */
    page: { type: "string" },
  },
  allowPositionals: true,
});
const isQuick = values.quick === true;
const say = (text: string): boolean => values.json === true || process.stdout.write(`${text}\n`);
const chosen = LOAD_SETTINGS.filter(({ name }) => positionals.every((part) => name.includes(part)));
const all: Figures[] = [];
for (const setting of isQuick ? chosen.slice(-QUICK.settings) : chosen) {
  // Draws of its own for each: what is odd about one sample must not be odd in every row.
  const seed = 100 * LOAD_SETTINGS.indexOf(setting) + 1;
  const figures = await figuresOf(setting, isQuick ? QUICK.stepMs : STEP_MS, seed);
  say(
    tableOf([figures])
      .split("\n")
      .slice(all.length === 0 ? 0 : -1)
      .join("\n"),
  );
  all.push(figures);
}
const summary = summaryOf(all);
say(`\n${JSON.stringify(summary, null, 2)}\n`);
const sockets =
  values["no-sockets"] === true
    ? []
    : await socketRuns(isQuick ? QUICK.socketStepMs : SOCKET_STEP_MS);
if (sockets.length > 0) say(socketTable(sockets));
if (values.json === true) {
  process.stdout.write(
    `${JSON.stringify({ machine: thisMachine(), figures: all, summary, sockets })}\n`,
  );
}
if (values.page !== undefined) {
  const { cpu, cores, node } = thisMachine();
  const made = `\`npm run bench:load\`, ${cores} cores of ${cpu}, Node ${node}. Only the last table depends on the machine.`;
  const sum = `Capacity within 10% for ${summary.within10Percent} of ${summary.settings}, off by ${summary.worstCapacityPercent}% at most. P99 was told ${summary.told} times: off by ${summary.medianErrorPercent}% in the middle and ${summary.worstErrorPercent}% at most, ${summary.inInterval} within the interval.`;
  writeFigures(
    values.page,
    "load",
    `${tableOf(all)}\n\n${sum}\n\n${socketTable(sockets)}\n\n${made}`,
  );
}
