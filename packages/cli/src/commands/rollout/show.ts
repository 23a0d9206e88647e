// slipway rollout show: where a rollout stands, once; `watch` is the same, live.

import type { RolloutView } from "@slipway/wire";
import type { Command } from "commander";
import type { ControlClient } from "../../client/control-client.ts";
import { type ControlOptions, clientOf, controlCommand, run } from "../../command.ts";
import { answer } from "../../output.ts";
import { rolloutIdOf } from "../../rollout-id.ts";
import type { Context } from "../../terminal.ts";
import { renderWatch } from "../../watch/render-watch.ts";
import { proposedText } from "../baseline/baseline-text.ts";

/** Of the newest that completed: both versions side by side. A model that was taken out since has no baseline. */
async function completedText(client: ControlClient, view: RolloutView): Promise<string> {
  if (view.phase.kind !== "completed") return "";
  const models = await client.models();
  if (!models.some(({ name }) => name === view.model)) return "";
  const baseline = await client.learning.baseline(view.model);
  return baseline.proposed?.rolloutId === view.id ? `\n${proposedText(baseline)}` : "";
}

export function showCommand(context: Context): Command {
  return controlCommand("show", "show where a rollout stands", context)
    .argument("[id]", "the rollout; may be left out when exactly one is under way")
    .action((id: string | undefined, options: ControlOptions) =>
      run(context, options, async () => {
        const client = clientOf(context, options);
        const view = await client.rollout(await rolloutIdOf(client, id));
        const { terminal } = context;
        const frame = {
          width: terminal.columns(),
          colour: terminal.colour,
          nowMs: context.nowMs(),
        };
        const ended = options.json === true ? "" : await completedText(client, view);
        answer(
          context,
          options.json === true,
          view,
          (v) => `${renderWatch(v, frame).join("\n")}\n${ended}`,
        );
      }),
    );
}
