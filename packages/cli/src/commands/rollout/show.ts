// slipway rollout show: where a rollout stands, once; `watch` is the same, live.

import type { Command } from "commander";
import { type ControlOptions, clientOf, controlCommand, run } from "../../command.ts";
import { answer } from "../../output.ts";
import { rolloutIdOf } from "../../rollout-id.ts";
import type { Context } from "../../terminal.ts";
import { renderWatch } from "../../watch/render-watch.ts";

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
        answer(
          context,
          options.json === true,
          view,
          (v) => `${renderWatch(v, frame).join("\n")}\n`,
        );
      }),
    );
}
