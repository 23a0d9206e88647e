// slipway incident lessons: what an incident teaches, each lesson with what it would have done.

import type { Command } from "commander";
import { controlCommand, run } from "../../command.ts";
import { answer } from "../../output.ts";
import type { Context } from "../../terminal.ts";
import { lessonsText } from "../lesson/lessons-text.ts";
import { DATA_DIR, type IncidentOptions, lessonsRead } from "./read-incident.ts";

export function lessonsCommand(context: Context): Command {
  return controlCommand("lessons", "propose what to change, tried on what was recorded", context)
    .argument("<id>", "the incident, as the list names it")
    .option(...DATA_DIR)
    .addHelpText(
      "after",
      "\nEach is tried on the incident's own rollout and on the model's last ten others, which takes a while.",
    )
    .action((id: string, options: IncidentOptions) =>
      run(context, options, async () => {
        const lessons = await lessonsRead(context, options, id);
        answer(context, options.json === true, lessons, lessonsText);
      }),
    );
}
