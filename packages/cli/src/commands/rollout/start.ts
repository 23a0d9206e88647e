// slipway rollout start: begins moving a model's users to another version.

import type { RolloutView } from "@slipway/wire";
import type { Command } from "commander";
import { type ControlOptions, clientOf, controlCommand, run } from "../../command.ts";
import { answer } from "../../output.ts";
import type { Context } from "../../terminal.ts";
import { watchRollout } from "../../watch/watch-rollout.ts";

type StartOptions = ControlOptions & {
  readonly to: string;
  readonly reason: string;
  readonly by: string;
  readonly sharePools?: boolean;
  readonly watch?: boolean;
  readonly observe?: boolean;
  readonly override?: string;
};

export function startCommand(context: Context): Command {
  return controlCommand("start", "begin moving a model's users to another version", context)
    .argument("<model>", "the model")
    .requiredOption("--to <version>", "the candidate: a version of that model")
    .requiredOption("--reason <text>", "why, for the journal")
    .option("--by <name>", "who, for the journal", context.user)
    .option("--share-pools", "start although another rollout or a mirror uses a pool of it")
    .option("--observe", "only say what it would do, until slipway rollout act")
    .option("--override <text>", "start it although the model is frozen, and why")
    .option("--watch", "stay and watch it")
    .action((model: string, options: StartOptions) =>
      run(context, options, async () => {
        const client = clientOf(context, options);
        const { to, by, reason, sharePools, observe, override } = options;
        const view = await client.start({
          model,
          to,
          by,
          reason,
          ...(sharePools === true ? { sharePools } : {}),
          ...(observe === true ? { observe } : {}),
          ...(override === undefined ? {} : { override }),
        });
        if (options.watch === true) {
          await watchRollout({ context, client, id: view.id, json: options.json === true });
        } else answer(context, options.json === true, view, startText);
      }),
    );
}

function startText({ id, model, from, to }: RolloutView): string {
  return `rollout ${id} of ${model} from ${from} to ${to} has started\nsee it: slipway rollout watch ${id}\n`;
}
