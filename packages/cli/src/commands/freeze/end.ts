// slipway freeze end: what was ordered no longer holds.

import type { Command } from "commander";
import { type ControlOptions, clientOf, controlCommand, run } from "../../command.ts";
import { answer } from "../../output.ts";
import type { Context } from "../../terminal.ts";
import { freezesText } from "./freezes-text.ts";

type EndOptions = ControlOptions & {
  readonly reason: string;
  readonly by: string;
  readonly model?: string;
};

export function endFreezeCommand(context: Context): Command {
  return controlCommand("end", "let rollouts move forwards again", context)
    .requiredOption("--reason <text>", "why, for the journal")
    .option("--by <name>", "who, for the journal", context.user)
    .option("--model <name>", "the freeze of this model; that of every model without it")
    .action((options: EndOptions) =>
      run(context, options, async () => {
        const { model, by, reason } = options;
        const body = { by, reason, ...(model === undefined ? {} : { model }) };
        const views = await clientOf(context, options).endFreeze(body);
        answer(context, options.json === true, views, freezesText);
      }),
    );
}
