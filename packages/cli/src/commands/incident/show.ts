// slipway incident show: an incident with its times, its impact and its timeline.

import type { Command } from "commander";
import { controlCommand, run } from "../../command.ts";
import { answer } from "../../output.ts";
import type { Context } from "../../terminal.ts";
import { incidentText } from "./incident-text.ts";
import { DATA_DIR, type IncidentOptions, incidentRead } from "./read-incident.ts";

export function showIncidentCommand(context: Context): Command {
  return controlCommand("show", "show an incident: times, impact, timeline", context)
    .argument("<id>", "the incident, as the list names it")
    .option(...DATA_DIR)
    .action((id: string, options: IncidentOptions) =>
      run(context, options, async () => {
        const incident = await incidentRead(context, options, id);
        answer(context, options.json === true, incident, incidentText);
      }),
    );
}
