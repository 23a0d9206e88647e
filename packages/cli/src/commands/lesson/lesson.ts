// slipway lesson: accepting what an incident teaches, so that the next rollout starts with it, trying before what only gates can
// tell, and dropping what has had its day.

import { lessonKey } from "@slipway/core";
import type { LessonView } from "@slipway/wire";
import { Command } from "commander";
import { type ControlOptions, clientOf, controlCommand, run } from "../../command.ts";
import { CONFIG_FILE } from "../../edge/config-file.ts";
import { answer, usageError } from "../../output.ts";
import type { Context } from "../../terminal.ts";
import { lessonWith, readCases } from "./case-file.ts";
import { acceptedText, droppedText } from "./lessons-text.ts";
import { type TryOptions, tryLesson } from "./try-lesson.ts";

type AcceptOptions = ControlOptions & {
  readonly owner: string;
  readonly reason: string;
  readonly case?: string;
};
type DropOptions = ControlOptions & { readonly by: string; readonly reason: string };

export function lessonCommand(context: Context): Command {
  return new Command("lesson")
    .description("accept what an incident teaches, or drop it again")
    .addCommand(tryCommand(context))
    .addCommand(acceptCommand(context))
    .addCommand(dropCommand(context));
}

const CASE = [
  "--case <file>",
  "what the gate is to ask, where the lesson takes cases: one JSON object a line",
] as const;

function tryCommand(context: Context): Command {
  return controlCommand(
    "try",
    "ask both versions now what a lesson would have its gate ask",
    context,
  )
    .argument("<id>", "the lesson, as slipway incident lessons names it")
    .option(...CASE)
    .option("--config <file>", "where the versions are", CONFIG_FILE)
    .addHelpText(
      "after",
      "\nAlso the versions of the model's last ten rollouts that completed, for false alarms. Guards and stages were tried on the record already.\nExit code 0 where it would have stopped the incident's version, 1 where not, 3 where it could not tell.",
    )
    .action((id: string, options: TryOptions) =>
      run(context, options, async () => {
        const { incidentId, name } = keyOf(id);
        const view = await proposed(context, options, incidentId, name);
        await tryLesson(context, options, view, incidentId);
      }),
    );
}

async function proposed(
  context: Context,
  options: ControlOptions,
  incidentId: string,
  name: string,
): Promise<LessonView> {
  const views = await clientOf(context, options).learning.lessons(incidentId);
  const view = views.find((one) => one.name === name);
  if (view !== undefined) return view;
  throw usageError(
    `${incidentId} teaches no ${name}`,
    `it teaches: ${views.map((one) => one.name).join(", ")}`,
  );
}

function acceptCommand(context: Context): Command {
  return controlCommand("accept", "put a lesson on its model's checklist", context)
    .argument("<id>", "the lesson, as slipway incident lessons names it")
    .requiredOption("--owner <name>", "whose it is from now on: a team, or a role")
    .requiredOption("--reason <text>", "why, for the checklist")
    .option(...CASE)
    .addHelpText(
      "after",
      "\nThe model's next rollout starts with it; one under way does not change.",
    )
    .action((id: string, options: AcceptOptions) =>
      run(context, options, async () => {
        const { incidentId, name } = keyOf(id);
        const { owner, reason } = options;
        const cases = options.case === undefined ? [] : readCases(options.case);
        if (cases.length > 0) {
          lessonWith(await proposed(context, options, incidentId, name), incidentId, cases);
        }
        const given = cases.length === 0 ? {} : { cases };
        const body = { lesson: name, owner, reason, ...given };
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
