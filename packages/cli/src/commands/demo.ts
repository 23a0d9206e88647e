// slipway demo: the story that Slipway exists for, in two minutes, on this machine.

import { type Command, Option } from "commander";
import { plainCommand, run } from "../command.ts";
import { playDemo } from "../demo/play.ts";
import { POLICIES, type PolicyName, SCENARIOS, type ScenarioName } from "../demo/scenario.ts";
import { seedOption } from "../options/number-option.ts";
import type { Context } from "../terminal.ts";

type Flags = {
  readonly json?: boolean;
  readonly scenario: ScenarioName;
  readonly policy: PolicyName;
  readonly seed: number;
  readonly trace?: string;
  readonly preflight?: boolean;
  readonly keep?: boolean;
};

export function demoCommand(context: Context): Command {
  return plainCommand("demo", "replay a model upgrade with simulated model servers and users")
    .addOption(
      new Option("--scenario <name>", "which story").choices(SCENARIOS).default("slow-under-load"),
    )
    .addOption(
      new Option(
        "--policy <name>",
        "naive: P99 over twice the baseline; default: what a team gets that configures nothing",
      )
        .choices(POLICIES)
        .default("naive"),
    )
    .option("--seed <number>", "another seed, other users and arrivals", seedOption, 1)
    .option("--trace <file>", "replay an Azure LLM inference trace (CSV) as traffic")
    .option("--preflight", "run the gates first: what they find stops gpt-5.3 before any user")
    .option("--keep", "leave everything running afterwards, until ctrl-C")
    .action((flags: Flags) =>
      run(context, flags, () =>
        playDemo(context, {
          scenario: flags.scenario,
          policy: flags.policy,
          seed: flags.seed,
          trace: flags.trace ?? null,
          json: flags.json === true,
          preflight: flags.preflight === true,
          keep: flags.keep === true,
        }),
      ),
    );
}
