// slipway incident: what there is to know, and to write, after a rollout moved back.

import { Command } from "commander";
import type { Context } from "../../terminal.ts";
import { analyzeCommand } from "./analyze.ts";
import { annotateCommand, hideCommand, noteCommand, pinCommand } from "./curate.ts";
import { lessonsCommand } from "./lessons.ts";
import { lintCommand } from "./lint.ts";
import { listIncidentsCommand } from "./list.ts";
import { postmortemCommand } from "./postmortem.ts";
import { discloseCommand, publishCommand, titleCommand, updateCommand } from "./publish.ts";
import { showIncidentCommand } from "./show.ts";

export function incidentCommand(context: Context): Command {
  return new Command("incident")
    .description(
      "look at what moved rollouts back, find out why, say what there is to say, draft its postmortem",
    )
    .addCommand(listIncidentsCommand(context))
    .addCommand(showIncidentCommand(context))
    .addCommand(analyzeCommand(context))
    .addCommand(noteCommand(context))
    .addCommand(pinCommand(context))
    .addCommand(hideCommand(context))
    .addCommand(annotateCommand(context))
    .addCommand(publishCommand(context))
    .addCommand(updateCommand(context))
    .addCommand(titleCommand(context))
    .addCommand(discloseCommand(context))
    .addCommand(lessonsCommand(context))
    .addCommand(postmortemCommand(context))
    .addCommand(lintCommand(context));
}
