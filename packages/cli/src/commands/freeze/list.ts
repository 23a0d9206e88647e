// slipway freeze list: what freezes rollouts now, what will, and what did.

import type { Command } from "commander";
import { type ControlOptions, clientOf, controlCommand, run } from "../../command.ts";
import { answer } from "../../output.ts";
import type { Context } from "../../terminal.ts";
import { freezesText } from "./freezes-text.ts";

export function listFreezesCommand(context: Context): Command {
  return controlCommand(
    "list",
    "list the freezes that hold, that come, and that are over",
    context,
  ).action((options: ControlOptions) =>
    run(context, options, async () => {
      const views = await clientOf(context, options).freezes();
      answer(context, options.json === true, views, freezesText);
    }),
  );
}
