// slipway rollout forecasts: what was forecast of a model's stages, and how they then were.

import type { Command } from "commander";
import { type ControlOptions, clientOf, controlCommand, run } from "../../command.ts";
import { answer } from "../../output.ts";
import type { Context } from "../../terminal.ts";
import { forecastsText } from "../../text/forecasts-text.ts";

export function forecastsCommand(context: Context): Command {
  return controlCommand("forecasts", "list what was forecast of stages, and how they were", context)
    .argument("<model>", "the model")
    .action((model: string, options: ControlOptions) =>
      run(context, options, async () => {
        const view = await clientOf(context, options).forecasts(model);
        answer(context, options.json === true, view, forecastsText);
      }),
    );
}
