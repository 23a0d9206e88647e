// slipway incident list: the incidents of all rollouts, the newest first.

import type { Command } from "commander";
import { controlCommand, run } from "../../command.ts";
import { answer } from "../../output.ts";
import type { Context } from "../../terminal.ts";
import { incidentsText } from "./incidents-text.ts";
import { DATA_DIR, type IncidentOptions, incidentsRead } from "./read-incident.ts";

type ListOptions = IncidentOptions & { readonly model?: string; readonly rollout?: string };

export function listIncidentsCommand(context: Context): Command {
  return controlCommand("list", "list incidents, the newest first", context)
    .option("--model <name>", "of this model alone")
    .option("--rollout <id>", "of this rollout alone")
    .option(...DATA_DIR)
    .action((options: ListOptions) =>
      run(context, options, async () => {
        const incidents = await incidentsRead(context, options, options);
        answer(context, options.json === true, incidents, incidentsText);
      }),
    );
}
