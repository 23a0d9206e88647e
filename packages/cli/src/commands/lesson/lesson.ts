// slipway lesson: accepting what an incident teaches, so that the next rollout starts with it, and dropping what has had its day.

import { lessonKey } from "@slipway/core";
import { Command } from "commander";
import { type ControlOptions, clientOf, controlCommand, run } from "../../command.ts";
import { answer, usageError } from "../../output.ts";
import type { Context } from "../../terminal.ts";
import { acceptedText, droppedText } from "./lessons-text.ts";

type AcceptOptions = ControlOptions & { readonly owner: string; readonly reason: string };
type DropOptions = ControlOptions & { readonly by: string; readonly reason: string };

export function lessonCommand(context: Context): Command {
  return new Command("lesson")
    .description("accept what an incident teaches, or drop it again")
    .addCommand(acceptCommand(context))
    .addCommand(dropCommand(context));
}

function acceptCommand(context: Context): Command {
  return controlCommand("accept", "put a lesson on its model's checklist", context)
    .argument("<id>", "the lesson, as slipway incident lessons names it")
    .requiredOption("--owner <name>", "whose it is from now on: a team, or a role")
    .requiredOption("--reason <text>", "why, for the checklist")
    .addHelpText(
      "after",
      "\nThe model's next rollout starts with it; one under way does not change.",
    )
    .action((id: string, options: AcceptOptions) =>
      run(context, options, async () => {
        const { incidentId, name } = keyOf(id);
        const { owner, reason } = options;
        const body = { lesson: name, owner, reason };
        const lesson = await clientOf(context, options).learning.accept(incidentId, body);
        answer(context, options.json === true, lesson, acceptedText);
      }),
    );
}

function dropCommand(context: Context): Command {
  return controlCommand("drop", "let a lesson count no longer; the checklist keeps it", context)
    .argument("<id>", "the lesson, as the checklist names it")
    .requiredOption("--reason <text>", "why, for the checklist")
    .option("--by <name>", "who, for the checklist", context.user)
    .action((id: string, options: DropOptions) =>
      run(context, options, async () => {
        const client = clientOf(context, options);
        const { model } = await client.incident(keyOf(id).incidentId);
        const { by, reason } = options;
        const lesson = await client.learning.drop(model, { lesson: id, by, reason });
        answer(context, options.json === true, lesson, droppedText);
      }),
    );
}

function keyOf(id: string): { readonly incidentId: string; readonly name: string } {
  const key = lessonKey(id);
  if (key !== null) return key;
  throw usageError(
    `${id} is no lesson's id`,
    "an id is INCIDENT:NAME, as slipway incident lessons and slipway checklist print it",
  );
}
