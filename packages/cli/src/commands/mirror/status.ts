// slipway mirror status: what was copied, what was not, and how both sides did.

import type { Command } from "commander";
import { type ControlOptions, clientOf, controlCommand, run } from "../../command.ts";
import { answer } from "../../output.ts";
import type { Context } from "../../terminal.ts";
import { mirrorText } from "./mirror-text.ts";

export function mirrorStatusCommand(context: Context): Command {
  return controlCommand("status", "show what was copied, and how both sides did", context)
    .argument("<model>", "the model")
    .action((model: string, options: ControlOptions) =>
      run(context, options, async () => {
        const view = await clientOf(context, options).mirror(model);
        answer(context, options.json === true, view, mirrorText);
      }),
    );
}
