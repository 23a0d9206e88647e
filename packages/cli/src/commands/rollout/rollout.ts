// slipway rollout …: everything about moving a model from one version to another.

import { COMMANDS } from "@slipway/core";
import { Command } from "commander";
import type { Context } from "../../terminal.ts";
import { actCommand } from "./act.ts";
import { assignCommand } from "./assign.ts";
import { explainCommand } from "./explain.ts";
import { forecastsCommand } from "./forecasts.ts";
import { historyCommand } from "./history.ts";
import { listCommand } from "./list.ts";
import { planCommand } from "./plan.ts";
import { showCommand } from "./show.ts";
import { startCommand } from "./start.ts";
import { watchCommand } from "./watch.ts";

export function rolloutCommand(context: Context): Command {
  const rollout = new Command("rollout").description("start, watch and steer rollouts");
  rollout
    .addCommand(planCommand(context))
    .addCommand(startCommand(context))
    .addCommand(listCommand(context))
    .addCommand(showCommand(context))
    .addCommand(watchCommand(context))
    .addCommand(assignCommand(context));
  for (const command of COMMANDS) rollout.addCommand(actCommand(command, context));
  return rollout
    .addCommand(historyCommand(context))
    .addCommand(explainCommand(context))
    .addCommand(forecastsCommand(context));
}
