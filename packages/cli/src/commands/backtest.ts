// slipway backtest: what recorded rollouts would have done under another policy.

import type { BacktestRequest, BacktestView } from "@slipway/wire";
import type { Command } from "commander";
import { type ControlOptions, clientOf, controlCommand, run } from "../command.ts";
import { checkedPolicies } from "../config/config-check.ts";
import { controllerFolder } from "../edge/machine.ts";
import { EXIT } from "../exit-code.ts";
import { answer } from "../output.ts";
import type { Context } from "../terminal.ts";
import { backtestText } from "../text/backtest-text.ts";

type BacktestOptions = ControlOptions & {
  readonly policy: string;
  readonly rollout?: string;
  readonly model?: string;
  readonly dataDir?: string;
};

export function backtestCommand(context: Context): Command {
  return controlCommand(
    "backtest",
    "say what rollouts would have done under another policy",
    context,
  )
    .requiredOption("--policy <file>", "a slipway.yaml, or a file with nothing but a policy")
    .option("--rollout <id>", "this one alone; else the newest 50")
    .option("--model <name>", "rollouts of this model alone")
    .option("--data-dir <folder>", "read the files of a controller, or of up, instead of asking it")
    .addHelpText(
      "after",
      "\nExit code 1 when a rollout that completed would have been rolled back, or one that was rolled\nback would not have been by the end of its record.",
    )
    .action((options: BacktestOptions) =>
      run(context, options, async () => {
        const json = options.json === true;
        const { rollout, model } = options;
        const view = await backtested(context, options, {
          policies: checkedPolicies(context, options.policy, json),
          ...(rollout === undefined ? {} : { rolloutId: rollout }),
          ...(model === undefined ? {} : { model }),
        });
        answer(context, json, view, backtestText);
        const { completed, rolledBack } = view.summary;
        context.exitWith(completed.rolledBack + rolledBack.missed > 0 ? EXIT.failed : EXIT.ok);
      }),
    );
}

async function backtested(
  context: Context,
  options: BacktestOptions,
  request: BacktestRequest,
): Promise<BacktestView> {
  if (options.dataDir === undefined) return await clientOf(context, options).backtest(request);
  const { readStore } = await import("@slipway/controller/edge");
  return await readStore(controllerFolder(options.dataDir), (readings) =>
    readings.backtest(request),
  );
}
