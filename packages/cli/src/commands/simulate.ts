// slipway simulate: rehearses a policy on a scenario, before it is trusted with users.

import { rehearsalTicks, rehearse } from "@slipway/simulator";
import { catalogue, rehearseSeeds } from "@slipway/simulator/edge";
import { type Command, InvalidArgumentError } from "commander";
import { plainCommand, run } from "../command.ts";
import { writePage } from "../edge/page-file.ts";
import { EXIT } from "../exit-code.ts";
import { countOption, rateOption, seedOption } from "../options/number-option.ts";
import { answer, usageError } from "../output.ts";
import { rehearsalReport } from "../report/rehearsal-report.ts";
import { liveRehearsal } from "../simulate/live-rehearsal.ts";
import { policyChoice } from "../simulate/policy-choice.ts";
import { catalogueText, rehearsalText, seedsText } from "../simulate/rehearsal-text.ts";
import { catalogueView, rehearsalView, type Stage, seedsView } from "../simulate/rehearsal-view.ts";
import { type Staged, staged } from "../simulate/scenario-source.ts";
import type { Context } from "../terminal.ts";

type SimulateOptions = {
  readonly json?: boolean;
  readonly list?: boolean;
  readonly seed: number;
  readonly seeds?: number;
  readonly policy?: string;
  readonly model?: string;
  readonly traffic?: string;
  readonly hours?: number;
  readonly report?: string;
  readonly live?: boolean;
  readonly speed: number;
};

const SPEED = 600;
const HOURS_MAX = 1_000;
const SEEDS_MAX = 10_000;

export function simulateCommand(context: Context): Command {
  return plainCommand("simulate", "rehearse a policy on a scenario, simulated, in an instant")
    .argument("[scenario]", "a name of the catalogue, or a file of your own")
    .option("--list", "name the scenarios of the catalogue")
    .option("--policy <file>", "a slipway.yaml, or a file with nothing but a policy")
    .option("--model <name>", "the model whose policy it is, where the file has several")
    .option("--traffic <file>", "an Azure LLM inference trace (CSV): its rate and its lengths")
    .option("--hours <n>", "how long it lasts, instead of what the scenario says", hoursOption)
    .option("--report <file>", "write the course as one page of HTML, with charts")
    .option("--live", "show it as rollout watch would, and the story after that")
    .option("--speed <times>", "of --live: so many times as fast", rateOption, SPEED)
    .option("--seed <number>", "another seed, other users and requests", seedOption, 1)
    .option("--seeds <n>", "this seed and those after it, and a summary", seedsOption)
    .addHelpText("after", "\nExit code 1 when it did not end as the scenario expects.")
    .action((named: string | undefined, options: SimulateOptions) =>
      run(context, options, () => simulated(context, named, options)),
    );
}

async function simulated(
  context: Context,
  named: string | undefined,
  options: SimulateOptions,
): Promise<void> {
  const json = options.json === true;
  if (options.list === true) {
    answer(context, json, catalogueView(catalogue()), catalogueText);
    return;
  }
  if (named === undefined) {
    throw usageError("a scenario is missing", "slipway simulate --list names those that there are");
  }
  const { traffic = null, hours = null, seeds } = options;
  if (seeds !== undefined && (options.report !== undefined || options.live === true)) {
    const what = options.live === true ? "--live shows" : "a report is of";
    throw usageError(`${what} one seed`, "leave out --seeds, and choose with --seed");
  }
  if (json && options.live === true) {
    throw usageError("--live is for people", "leave out --json, or --live");
  }
  const source = staged(context, { scenario: named, traffic, hours, json });
  const stage = { ...source, choice: policyChoice(context, options), traffic };
  if (seeds === undefined) await one(context, stage, options);
  else await many(context, stage, options.seed, seeds, json);
}

type Played = Stage & Staged;

async function one(context: Context, stage: Played, options: SimulateOptions): Promise<void> {
  const { seed, json, report, live, speed } = options;
  const { policy } = stage.choice;
  const { trials, scenario } = stage;
  const rehearsal =
    live === true
      ? await liveRehearsal(
          context,
          scenario.name,
          rehearsalTicks(trials, scenario, seed, policy),
          speed,
        )
      : rehearse(trials, scenario, seed, policy);
  if (rehearsal === null) {
    context.exitWith(EXIT.interrupted);
    return;
  }
  const view = rehearsalView(stage, rehearsal);
  if (report !== undefined) writePage(report, rehearsalReport(view, rehearsal.series, policy));
  answer(context, json === true, view, rehearsalText);
  context.exitWith(rehearsal.isExpected ? EXIT.ok : EXIT.failed);
}

async function many(
  context: Context,
  stage: Played,
  first: number,
  n: number,
  json: boolean,
): Promise<void> {
  const { scenario, surfaces, choice } = stage;
  const rehearsals = await rehearseSeeds({ scenario, surfaces, policy: choice.policy }, first, n);
  answer(context, json, seedsView(stage, rehearsals), seedsText);
  context.exitWith(rehearsals.every(({ isExpected }) => isExpected) ? EXIT.ok : EXIT.failed);
}

function hoursOption(text: string): number {
  const hours = rateOption(text);
  if (hours <= HOURS_MAX) return hours;
  throw new InvalidArgumentError(`Write at most ${HOURS_MAX}.`);
}

function seedsOption(text: string): number {
  const seeds = countOption(text);
  if (seeds <= SEEDS_MAX) return seeds;
  throw new InvalidArgumentError(`Write at most ${SEEDS_MAX}.`);
}
