// slipway baseline: what the version that has come to stay is like beside the one before, and the limits that a person makes
// of it for the rollouts to come.

import type { LimitEdits } from "@slipway/core";
import { readDuration, readShare } from "@slipway/wire/config";
import { Command } from "commander";
import { type ControlOptions, clientOf, controlCommand, run } from "../../command.ts";
import { answer, usageError } from "../../output.ts";
import type { Context } from "../../terminal.ts";
import { acceptedText, baselineText } from "./baseline-text.ts";

type ChangeOptions = ControlOptions & {
  readonly limit: readonly string[];
  readonly by: string;
  readonly reason: string;
};

export function baselineCommand(context: Context): Command {
  return new Command("baseline")
    .description("limits for a model's next rollouts, from what its last one measured")
    .addCommand(showCommand(context))
    .addCommand(changeCommand("accept", "take what the last completed rollout measured", context))
    .addCommand(changeCommand("edit", "change limits in force", context));
}

function showCommand(context: Context): Command {
  return controlCommand("show", "show both versions side by side, and the limits", context)
    .argument("<model>", "the model")
    .action((model: string, options: ControlOptions) =>
      run(context, options, async () => {
        const view = await clientOf(context, options).learning.baseline(model);
        answer(context, options.json === true, view, baselineText);
      }),
    );
}

function changeCommand(name: "accept" | "edit", about: string, context: Context): Command {
  return controlCommand(name, about, context)
    .argument("<model>", "the model")
    .option(
      "--limit <figure=value>",
      "another limit, such as p99-latency=800ms, errors=1%, cost=0.002, or errors=none; again for more",
      (text: string, before: readonly string[]) => [...before, text],
      [] as readonly string[],
    )
    .requiredOption("--reason <text>", "why, for whoever looks later")
    .option("--by <name>", "who", context.user)
    .addHelpText(
      "after",
      "\nThe model's next rollout is judged by the limits; one under way does not change.",
    )
    .action((model: string, options: ChangeOptions) =>
      run(context, options, async () => {
        const { learning } = clientOf(context, options);
        const limits = editsOf(options.limit);
        if (name === "edit" && Object.keys(limits).length === 0) {
          throw usageError("nothing to edit", "name a limit: --limit errors=1%");
        }
        const rolloutId = name === "accept" ? await newestOf(learning, model) : null;
        const { by, reason } = options;
        const baseline = await learning.changeBaseline(model, { rolloutId, limits, by, reason });
        answer(context, options.json === true, baseline, acceptedText);
      }),
    );
}

type Learning = ReturnType<typeof clientOf>["learning"];

async function newestOf(learning: Learning, model: string): Promise<string> {
  const { proposed } = await learning.baseline(model);
  if (proposed !== null) return proposed.rolloutId;
  throw usageError(
    `no rollout of ${model} has completed, so that there is nothing to accept`,
    "slipway baseline show MODEL shows both versions once one has",
  );
}

function editsOf(texts: readonly string[]): LimitEdits {
  return Object.fromEntries(texts.map(editOf));
}

/** "p99-latency=800ms", "errors=1%", "cost=0.002", "errors=none". */
function editOf(text: string): readonly [string, number | null] {
  const at = text.indexOf("=");
  const [name, value] = [text.slice(0, Math.max(0, at)), text.slice(at + 1)];
  if (name === "") throw usageError(`${text} is no limit`, "write one as errors=1%");
  if (value === "none") return [name, null];
  const found = [readDuration(value), readShare(value)].find((reading) => reading.ok);
  const max = found?.ok === true ? found.value : Number(value);
  if (value !== "" && Number.isFinite(max) && max > 0) return [name, max];
  throw usageError(
    `${value} is no value of a limit`,
    "write a duration (800ms), a share (1%), a number of tokens or dollars, or none",
  );
}
