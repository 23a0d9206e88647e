// Whether lessons do what their backtests promise: scenarios of the catalogue that roll back, each lesson accepted and the same
// users once more. npm run bench:lessons -- [--quick] [--json] [--only PART] [--seeds N] [--page FILE]
import { parseArgs } from "node:util";
import { Trials } from "@slipway/simulator";
import { catalogue } from "@slipway/simulator/edge";
import { causesPolicy } from "./causes/bench-policy.ts";
import { type Proof, proofsIn } from "./lessons/proof.ts";
import { proofsText } from "./lessons/table.ts";
import { thisMachine } from "./machine.ts";
import { writeFigures } from "./page.ts";

const SEEDS = 10;
const SEEDS_QUICK = 1;
const ANSWERS = 1_000;
const ANSWERS_QUICK = 300;
/** Those that roll back within minutes, most of them: a record of hours is tried lesson by lesson. */
const SCENARIOS: readonly string[] = [
  "unsupported-parameter",
  "garbage",
  "hangs",
  "slow-always",
  "slow-tail",
  "errors-tripled",
  "worse-in-one-language",
];

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    /** Scenarios whose names contain this. */
    only: { type: "string", default: "" },
    seeds: { type: "string" },
    /** A page in which the table replaces the one before. */
    page: { type: "string" },
  },
});

const seeds = Number(values.seeds ?? (values.quick ? SEEDS_QUICK : SEEDS));
if (!Number.isInteger(seeds) || seeds < 1) {
  throw new Error(`--seeds is a whole number from 1 on, not ${values.seeds}`);
}
const trials = new Trials({ answers: values.quick ? ANSWERS_QUICK : ANSWERS });
const proofs: Proof[] = [];
for (const scenario of catalogue()) {
  if (!SCENARIOS.includes(scenario.name) || !scenario.name.includes(values.only)) continue;
  for (let seed = 1; seed <= seeds; seed++) {
    proofs.push(...proofsIn(trials, scenario, seed, causesPolicy()));
  }
}
const asked = values.only === "" ? "" : ` -- --only ${values.only}`;
const text = `${proofsText(proofs)}\n\n\`npm run bench:lessons${asked}\` on Node ${process.version}, ${seeds} seeds.`;
process.stdout.write(
  values.json ? `${JSON.stringify({ machine: thisMachine(), proofs })}\n` : `${text}\n`,
);
if (values.page !== undefined) writeFigures(values.page, "lessons", text);
