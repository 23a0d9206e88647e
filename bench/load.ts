// The load gate against simulated engines whose capacity is known: how far off is the capacity that it measures, and the
// P99 that its model tells for one and a half and three times the load? In virtual time, so that the machine decides
// nothing; then at a real socket, with a generator that has a processor and with one that is starved.
// npm run bench:load -- [--quick] [--json] [--only virtual,sockets|starved] [--page docs/load-benchmark.md] [NAME]
import { parseArgs } from "node:util";
import { type Figures, figuresOf, summaryOf, tableOf } from "./load/figures.ts";
import { LOAD_SETTINGS } from "./load/settings.ts";
import { socketRuns, socketTable } from "./load/sockets.ts";
import { thisMachine } from "./machine.ts";
import { writeFigures } from "./page.ts";

const STEP_MS = 600_000;
const SOCKET_STEP_MS = 30_000;
/** Too few settings, and steps too short, to quote. */
const QUICK = { settings: 2, stepMs: 300_000, socketStepMs: 10_000 } as const;

const { values, positionals } = parseArgs({
  options: {
    quick: { type: "boolean" },
    json: { type: "boolean" },
    /** What is measured. */
    only: { type: "string", default: "virtual,sockets" },
    /** A page in which the figures of what was measured replace those before. */
    page: { type: "string" },
  },
  allowPositionals: true,
});
const isQuick = values.quick === true;
const parts = values.only.split(",");
const say = (text: string): boolean => values.json === true || process.stdout.write(`${text}\n`);

async function virtualFigures(): Promise<readonly Figures[]> {
  const named = LOAD_SETTINGS.filter(({ name }) =>
    positionals.every((part) => name.includes(part)),
  );
  const chosen = isQuick ? named.slice(-QUICK.settings) : named;
  const all: Figures[] = [];
  for (const setting of chosen) {
    // Draws of its own for each: what is odd about one sample must not be odd in every row.
    const seed = 100 * LOAD_SETTINGS.indexOf(setting) + 1;
    const figures = await figuresOf(setting, isQuick ? QUICK.stepMs : STEP_MS, seed);
    const lines = tableOf([figures]).split("\n");
    say(lines.slice(all.length === 0 ? 0 : -1).join("\n"));
    all.push(figures);
  }
  return all;
}

/** A run that was skipped has no verdict. */
function isCounted(because: string | null): boolean {
  return because !== null && !because.startsWith("the run is void");
}

const all = parts.includes("virtual") ? await virtualFigures() : [];
const summary = summaryOf(all);
if (all.length > 0) say(`\n${JSON.stringify(summary, null, 2)}\n`);
const socketStepMs = isQuick ? QUICK.socketStepMs : SOCKET_STEP_MS;
const only = parts.includes("sockets") ? null : "starved";
const isSent = parts.includes("sockets") || parts.includes("starved");
const sockets = isSent ? await socketRuns(socketStepMs, only) : [];
if (sockets.length > 0) say(socketTable(sockets));
const uncaught = sockets.find(({ how, because }) => how === "starved" && isCounted(because));
if (uncaught !== undefined) {
  process.stderr.write("a starved generator was not noticed: its run counted\n");
  process.exitCode = 1;
}
const machine = thisMachine();
if (values.json === true) {
  process.stdout.write(`${JSON.stringify({ machine, figures: all, summary, sockets })}\n`);
}
if (values.page !== undefined && all.length > 0) {
  const { settings, within10Percent, worstCapacityPercent, told } = summary;
  const { medianErrorPercent, worstErrorPercent, inInterval } = summary;
  const sum = `Capacity within 10% for ${within10Percent} of ${settings}, off by ${worstCapacityPercent}% at most. P99 was told ${told} times: off by ${medianErrorPercent}% in the middle and ${worstErrorPercent}% at most, ${inInterval} within the interval. \`npm run bench:load\` on Node ${machine.node}.`;
  writeFigures(values.page, "load", `${tableOf(all)}\n\n${sum}`);
}
if (values.page !== undefined && sockets.length > 0) {
  const made = `Measured on ${machine.cores} cores of ${machine.cpu}, Node ${machine.node}.`;
  writeFigures(values.page, "load-sockets", `${socketTable(sockets)}\n\n${made}`);
}
