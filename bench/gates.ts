// The whole preflight on the same version twice: how often does a gate fail where there is nothing to find? And with a fault
// planted for each gate: how often is it caught? Answers and times are drawn, and nothing is served.
// npm run bench:gates -- [--seeds 200] [--gate NAME] [--quick] [--json]
import { parseArgs } from "node:util";
import { type GateOutcome, type GateResult, percentText, wilson } from "@slipway/core";
import { flown, nominalOf, TRIED, type Tried } from "./gates/world.ts";
import { thisMachine } from "./machine.ts";

const SEEDS = 200;
/** Too few to quote. */
const QUICK_SEEDS = 20;
/** A fault that is caught at all is caught each time. */
const PLANTED_SEEDS = 20;
/** 95% to one side. */
const Z = 1.644_854;

const { values } = parseArgs({
  options: {
    seeds: { type: "string" },
    gate: { type: "string", multiple: true, default: [] },
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});

type Outcomes = { readonly [outcome in GateOutcome]?: number };

type Row = {
  readonly gate: Tried | "any of them";
  readonly nominal: number | null;
  readonly alike: Outcomes;
  /** Of preflights with its fault planted, those in which it failed; null for all gates together. */
  readonly caught: number | null;
};

const seeds = Number(values.seeds ?? (values.quick ? QUICK_SEEDS : SEEDS));
const plantedSeeds = Math.min(PLANTED_SEEDS, seeds);

/** Those that are named, or all. */
const tried = TRIED.filter((gate) => values.gate.length === 0 || values.gate.includes(gate));
if (tried.length === 0) throw new Error(`--gate is one of ${TRIED.join(", ")}`);

const alike: (readonly GateResult[])[] = [];
for (let seed = 1; seed <= seeds; seed++) alike.push(await flown(seed, null, tried));
const rows: Row[] = [];
for (const gate of tried) {
  const own = alike.map((results) => outcomeOf(results, gate));
  let caught = 0;
  for (let seed = 1; seed <= plantedSeeds; seed++) {
    if (outcomeOf(await flown(seed, gate), gate) === "fail") caught++;
  }
  rows.push({ gate, nominal: nominalOf(gate), alike: counts(own), caught });
}
const any = alike.map((results): GateOutcome => {
  const has = (outcome: GateOutcome) => results.some((result) => result.outcome === outcome);
  if (has("fail")) return "fail";
  return has("inconclusive") ? "inconclusive" : "pass";
});
const nominal = rows.reduce((sum, row) => sum + (row.nominal ?? 0), 0);
rows.push({ gate: "any of them", nominal, alike: counts(any), caught: null });

if (values.json) {
  process.stdout.write(
    `${JSON.stringify({ machine: thisMachine(), seeds, plantedSeeds, rows })}\n`,
  );
} else {
  process.stdout.write(`${tableOf(rows)}\n`);
}
const missed = rows.filter(({ caught }) => caught !== null && caught < plantedSeeds);
for (const { gate } of missed) process.stderr.write(`the fault planted for ${gate} was missed\n`);
if (missed.length > 0) process.exitCode = 1;

function outcomeOf(results: readonly GateResult[], gate: Tried): GateOutcome {
  return results.find((result) => result.gate === gate)?.outcome ?? "inconclusive";
}

function counts(outcomes: readonly GateOutcome[]): Outcomes {
  const sum: { [outcome in GateOutcome]?: number } = {};
  for (const outcome of outcomes) sum[outcome] = (sum[outcome] ?? 0) + 1;
  return sum;
}

function tableOf(all: readonly Row[]): string {
  return [
    `| gate | may fail by chance | failed, of ${seeds} | surely less than | could not tell | its fault caught, of ${plantedSeeds} |`,
    "|---|---|---|---|---|---|",
    ...all.map(({ gate, nominal: chance, alike: { fail = 0, inconclusive = 0 }, caught }) =>
      [
        "",
        gate,
        chance === null ? "–" : percentText(chance),
        fail,
        percentText(wilson(seeds, fail, Z)?.high ?? 1),
        inconclusive,
        caught ?? "–",
        "",
      ]
        .join(" | ")
        .trim(),
    ),
  ].join("\n");
}
