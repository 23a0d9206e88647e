// slipway checklist: what was learnt of a model, whose it is, and what each lesson has caught since.

import type { Command } from "commander";
import { type ControlOptions, clientOf, controlCommand, run } from "../command.ts";
import { answer } from "../output.ts";
import type { Context } from "../terminal.ts";
import { checklistText } from "./lesson/lessons-text.ts";

export function checklistCommand(context: Context): Command {
  return controlCommand("checklist", "show what was learnt of a model, and what it caught", context)
    .argument("<model>", "the model")
    .action((model: string, options: ControlOptions) =>
      run(context, options, async () => {
        const checklist = await clientOf(context, options).learning.checklist(model);
        answer(context, options.json === true, checklist, checklistText);
      }),
    );
}
