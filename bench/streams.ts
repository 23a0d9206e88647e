// How much later slow streams are found than if it were known how long each takes: minutes to the rollback by the default
// policy, at several rates of requests and with several horizons.
// npm run bench:streams -- [--quick] [--json] [--seeds N] [--page FILE]
import { parseArgs } from "node:util";
import { thisMachine } from "./machine.ts";
import { writeFigures } from "./page.ts";
import { type Alarm, type Judge, STREAM_MS, streamAlarm, streamPolicy } from "./streams/world.ts";

const SEEDS = 100;
const SEEDS_QUICK = 5;
const RATES = [60, 120, 300, 1_000];
/** Twice and ten times what a stream takes, and between them twice stable's P99. */
const HORIZONS_MS = [2 * STREAM_MS, 2.5 * STREAM_MS, 10 * STREAM_MS];
const SLOW_PART = 0.2;

type Spread = {
  readonly found: number;
  readonly median: number | null;
  readonly p90: number | null;
};
type Figures = {
  readonly perMinute: number;
  readonly horizonMinutes: number;
  readonly real: Spread;
  readonly oracle: Spread;
};

const { values } = parseArgs({
  options: {
    quick: { type: "boolean" },
    json: { type: "boolean" },
    seeds: { type: "string" },
    /** A page in which the table replaces the one before. */
    page: { type: "string" },
  },
});
const seeds = Number(values.seeds ?? (values.quick === true ? SEEDS_QUICK : SEEDS));

function spreadOf(perMinute: number, horizonMs: number, judge: Judge): Spread {
  const world = { policy: streamPolicy(horizonMs), perMinute, slowPart: SLOW_PART };
  const alarms = Array.from({ length: seeds }, (_, index) => streamAlarm(world, judge, index + 1));
  const minutes = alarms
    .filter((alarm): alarm is Alarm => alarm !== null)
    .map(({ atMs }) => Math.round(atMs / 6_000) / 10)
    .sort((a, b) => a - b);
  // What never came counts as the longest.
  const at = (part: number): number | null => minutes[Math.floor(part * seeds)] ?? null;
  return { found: minutes.length / seeds, median: at(0.5), p90: at(0.9) };
}

function spreadText({ median, p90 }: Spread): string {
  return `${median ?? "never"}, ${p90 ?? "never"}`;
}

function laterText({ real, oracle }: Figures): string {
  if (real.median === null || oracle.median === null) return "";
  return `${Math.round(100 * (real.median / oracle.median - 1))}%`;
}

function tableOf(all: readonly Figures[]): string {
  return [
    "| requests a minute | horizon, minutes | found | minutes | if the future were known | later |",
    "| --- | --- | --- | --- | --- | --- |",
    ...all.map((figures) => {
      const { perMinute, horizonMinutes, real, oracle } = figures;
      const found = `${Math.round(100 * real.found)}%`;
      const cells = [perMinute, horizonMinutes, found, spreadText(real), spreadText(oracle)];
      return `| ${cells.join(" | ")} | ${laterText(figures)} |`;
    }),
  ].join("\n");
}

const all: Figures[] = [];
for (const perMinute of RATES) {
  const oracle = spreadOf(perMinute, HORIZONS_MS[0] ?? STREAM_MS, "oracle");
  for (const horizonMs of HORIZONS_MS) {
    const real = spreadOf(perMinute, horizonMs, "as-overdue");
    all.push({ perMinute, horizonMinutes: horizonMs / 60_000, real, oracle });
  }
}
process.stdout.write(
  values.json === true
    ? `${JSON.stringify({ machine: thisMachine(), seeds, figures: all })}\n`
    : `${tableOf(all)}\n`,
);
if (values.page !== undefined) {
  const made = `\`npm run bench:streams\`, ${seeds} seeds, on Node ${process.version}.`;
  writeFigures(values.page, "streams", `${tableOf(all)}\n\n${made}`);
}
