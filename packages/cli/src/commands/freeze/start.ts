// slipway freeze start: from now on no rollout of a model, or of any, moves forwards.

import type { Command } from "commander";
import { type ControlOptions, clientOf, controlCommand, run } from "../../command.ts";
import { laterOption } from "../../options/moment-option.ts";
import { answer } from "../../output.ts";
import type { Context } from "../../terminal.ts";
import { freezesText } from "./freezes-text.ts";

type StartOptions = ControlOptions & {
  readonly reason: string;
  readonly by: string;
  readonly model?: string;
  readonly until?: string;
};

export function startFreezeCommand(context: Context): Command {
  return controlCommand("start", "let no rollout move forwards from now on", context)
    .requiredOption("--reason <text>", "why, for whoever is held up, and for the journal")
    .option("--by <name>", "who, for the journal", context.user)
    .option("--model <name>", "of this model alone; of every model without it")
    .option(
      "--until <time>",
      "2026-01-15T09:30:00Z, or 2h for two hours from now; else until ended",
    )
    .action((options: StartOptions) =>
      run(context, options, async () => {
        const { model, until, by, reason } = options;
        const views = await clientOf(context, options).startFreeze({
          by,
          reason,
          ...(model === undefined ? {} : { model }),
          ...(until === undefined ? {} : { untilMs: laterOption(until, context.nowMs()) }),
        });
        answer(context, options.json === true, views, freezesText);
      }),
    );
}
