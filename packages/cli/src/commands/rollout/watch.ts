// slipway rollout watch: the live view of a rollout, until it has finished.

import type { Command } from "commander";
import { type ControlOptions, clientOf, controlCommand, run } from "../../command.ts";
import { rolloutIdOf } from "../../rollout-id.ts";
import type { Context } from "../../terminal.ts";
import { watchRollout } from "../../watch/watch-rollout.ts";

export function watchCommand(context: Context): Command {
  return controlCommand("watch", "watch a rollout until it has finished", context)
    .argument("[id]", "the rollout; may be left out when exactly one is under way")
    .addHelpText(
      "after",
      "\nWithout a terminal it prints a line per change; with --json, one JSON object per line.",
    )
    .action((id: string | undefined, options: ControlOptions) =>
      run(context, options, async () => {
        const client = clientOf(context, options);
        const rollout = await rolloutIdOf(client, id);
        await watchRollout({ context, client, id: rollout, json: options.json === true });
      }),
    );
}
