// Runs one world and prints its story: `npm run world -- --seed 17`. What it is to do without can be said:
// `-- --seed 17 --without partition,overthrow --faults-ms 8000 --gateways 1 --workers 1`; `--shrink` looks for that itself.
import { PLANTS } from "../world/plants.ts";
import { commandOf, type Reduction, TROUBLES } from "../world/reduction.ts";
import type { WorldReport } from "../world/run.ts";
import { optionsOf, usageError } from "./argument.ts";
import { runSeed, shrunkSeed } from "./world-seed.ts";

const USAGE =
  "npm run world -- [--seed 1] [--without FAULT,…] [--faults-ms N] [--gateways N] [--workers N] [--plant BUG] [--shrink] [--shrink-seconds N] [--quiet]";

const config = {
  options: {
    seed: { type: "string", default: "1" },
    without: { type: "string", default: "" },
    "faults-ms": { type: "string" },
    gateways: { type: "string" },
    workers: { type: "string" },
    /** Tells the story of a world that fails only. */
    quiet: { type: "boolean", default: false },
    /** The name of a bug to plant: see that it is found. */
    plant: { type: "string" },
    shrink: { type: "boolean", default: false },
    "shrink-seconds": { type: "string", default: "60" },
  },
} as const;
const values = optionsOf(config, USAGE);

function numberOf(name: string, text: string | undefined, least: number): number | null {
  if (text === undefined) return null;
  const value = Number(text);
  if (Number.isInteger(value) && value >= least) return value;
  fail(`--${name} is a whole number from ${least} on, not ${text}`);
}

function fail(message: string): never {
  usageError(message, USAGE);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function tell(report: WorldReport, cpuMs: number, isQuiet: boolean): void {
  const { plan, violations, story, summaries, events, virtualMs, load } = report;
  const isOk = violations.length === 0;
  if (!(isQuiet && isOk)) {
    print(JSON.stringify(plan));
    for (const line of [...story, ...summaries]) print(line);
  }
  print(
    `seed ${plan.seed}: ${isOk ? "ok" : "VIOLATED"}, ${events} events, ${load?.due} requests, ${load?.errors} errors, ` +
      `${Math.round(virtualMs / 1000)} s in ${Math.round(cpuMs)} ms of CPU, log ${(report.hash >>> 0).toString(16)}`,
  );
  for (const { checker, atMs, text } of violations) {
    print(`  ${checker} at ${(atMs / 1000).toFixed(3)} s: ${text}`);
  }
}

const without = values.without.split(",").filter((name) => name !== "");
const unknown = without.find((name) => !TROUBLES.includes(name));
if (unknown !== undefined) fail(`--without knows no ${unknown}; it knows ${TROUBLES.join(", ")}`);
if (values.plant !== undefined && !PLANTS.has(values.plant)) {
  fail(`--plant knows no ${values.plant}; it knows ${[...PLANTS.keys()].join(", ")}`);
}
const seed = numberOf("seed", values.seed, 0) ?? 1;
const reduction: Reduction = {
  without,
  faultsMs: numberOf("faults-ms", values["faults-ms"], 0),
  gateways: numberOf("gateways", values.gateways, 1),
  workersPerGateway: numberOf("workers", values.workers, 1),
  plant: values.plant ?? null,
};
const secondsMax = numberOf("shrink-seconds", values["shrink-seconds"], 1) ?? 60;

const before = process.cpuUsage();
const report = await runSeed(seed, reduction);
const { user, system } = process.cpuUsage(before);
tell(report, (user + system) / 1000, values.quiet);
if (report.violations.length > 0) {
  print(`run it again: ${commandOf(seed, reduction)}`);
  if (values.shrink) {
    print(`smaller: ${commandOf(seed, await shrunkSeed(seed, reduction, report, secondsMax))}`);
  }
  process.exitCode = 1;
}
