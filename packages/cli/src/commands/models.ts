// slipway models: what the controller knows, and who serves it.

import type { ModelView } from "@slipway/wire";
import type { Command } from "commander";
import { type ControlOptions, clientOf, controlCommand, run } from "../command.ts";
import { answer } from "../output.ts";
import type { Context } from "../terminal.ts";
import { momentText } from "../text/rollout-text.ts";
import { textColumns } from "../text/text-columns.ts";

export function modelsCommand(context: Context): Command {
  return controlCommand("models", "list the models, their versions and rollouts", context).action(
    (options: ControlOptions) =>
      run(context, options, async () => {
        const models = await clientOf(context, options).models();
        answer(context, options.json === true, models, modelsText);
      }),
  );
}

function modelsText(models: readonly ModelView[]): string {
  if (models.length === 0) return "no models yet; slipway apply sends some\n";
  return textColumns([
    ["MODEL", "STABLE", "VERSIONS", "ROLLOUT", "WARM"],
    ...models.map((model) => [
      model.name,
      model.stable,
      model.versions.map(({ id }) => id).join(", "),
      model.rollout ?? "-",
      model.warm === null ? "-" : `${model.warm.version} until ${momentText(model.warm.untilMs)}`,
    ]),
  ]);
}
