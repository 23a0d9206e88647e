// slipway incident: what there is to know, and to write, after a rollout moved back.

import { Command } from "commander";
import type { Context } from "../../terminal.ts";
import { analyzeCommand } from "./analyze.ts";
import { lintCommand } from "./lint.ts";
import { listIncidentsCommand } from "./list.ts";
import { postmortemCommand } from "./postmortem.ts";
import { showIncidentCommand } from "./show.ts";

export function incidentCommand(context: Context): Command {
  return new Command("incident")
    .description("look at what moved rollouts back, find out why, and draft its postmortem")
    .addCommand(listIncidentsCommand(context))
    .addCommand(showIncidentCommand(context))
    .addCommand(analyzeCommand(context))
    .addCommand(postmortemCommand(context))
    .addCommand(lintCommand(context));
}
