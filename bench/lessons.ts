// Whether lessons do what their backtests promise: scenarios of the catalogue that roll back, each lesson accepted and the same
// users once more. npm run bench:lessons -- [--quick] [--json] [--only PART] [--seeds N] [--page FILE]
import { Trials } from "@slipway/simulator";
import { catalogue } from "@slipway/simulator/edge";
import { causesPolicy } from "./causes/bench-policy.ts";
import { type Proof, proofsIn } from "./lessons/proof.ts";
import { proofsText } from "./lessons/table.ts";
import { thisMachine } from "./machine.ts";
import { writeFigures } from "./page.ts";
import { scenarioOptions } from "./scenario-options.ts";

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

const asked = scenarioOptions({ seedsMin: 1, hasPage: true });
const seeds = asked.seeds ?? (asked.quick ? SEEDS_QUICK : SEEDS);
const trials = new Trials({ answers: asked.quick ? ANSWERS_QUICK : ANSWERS });
const proofs: Proof[] = [];
for (const scenario of catalogue()) {
  if (!SCENARIOS.includes(scenario.name) || !scenario.name.includes(asked.only)) continue;
  for (let seed = 1; seed <= seeds; seed++) {
    proofs.push(...proofsIn(trials, scenario, seed, causesPolicy()));
  }
}
const part = asked.only === "" ? "" : ` -- --only ${asked.only}`;
const text = `${proofsText(proofs)}\n\n\`npm run bench:lessons${part}\` on Node ${process.version}, ${seeds} seeds.`;
process.stdout.write(
  asked.json ? `${JSON.stringify({ machine: thisMachine(), proofs })}\n` : `${text}\n`,
);
if (asked.page !== null) writeFigures(asked.page, "lessons", text);
