// slipway incident show: an incident with its times, its impact, its timeline, and what was said of it.

import type { Command } from "commander";
import { controlCommand, run } from "../../command.ts";
import { answer } from "../../output.ts";
import type { Context } from "../../terminal.ts";
import { incidentText } from "./incident-text.ts";
import { DATA_DIR, type IncidentOptions, incidentRead, saidRead } from "./read-incident.ts";

type ShowOptions = IncidentOptions & { readonly all?: boolean };

export function showIncidentCommand(context: Context): Command {
  return controlCommand("show", "show an incident: times, impact, timeline, posts", context)
    .argument("<id>", "the incident, as the list names it")
    .option("--all", "the hidden entries of the timeline too, and the name of each")
    .option(...DATA_DIR)
    .action((id: string, options: ShowOptions) =>
      run(context, options, async () => {
        const incident = await incidentRead(context, options, id);
        const said = await saidRead(context, options, id);
        answer(context, options.json === true, { ...incident, said }, (shown) =>
          incidentText(shown, said, options.all === true),
        );
      }),
    );
}
