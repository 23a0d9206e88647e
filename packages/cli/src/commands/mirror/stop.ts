// slipway mirror stop: no copies are sent any more.

import type { Command } from "commander";
import { type ControlOptions, clientOf, controlCommand, run } from "../../command.ts";
import { answer } from "../../output.ts";
import type { Context } from "../../terminal.ts";
import { mirrorText } from "./mirror-text.ts";

type StopOptions = ControlOptions & { readonly reason: string; readonly by: string };

export function stopMirrorCommand(context: Context): Command {
  return controlCommand("stop", "send no copies of a model's requests any more", context)
    .argument("<model>", "the model")
    .option("--reason <text>", "why, to be shown with it", "")
    .option("--by <name>", "who", context.user)
    .action((model: string, options: StopOptions) =>
      run(context, options, async () => {
        const { by, reason } = options;
        const view = await clientOf(context, options).stopMirror(model, { by, reason });
        answer(context, options.json === true, view, mirrorText);
      }),
    );
}
