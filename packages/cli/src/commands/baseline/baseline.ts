// slipway baseline: what the version that has come to stay is like beside the one before, and the limits that a person makes
// of it for the rollouts to come.

import type { BaselineRow, LimitEdits, Unit } from "@slipway/core";
import type { BaselineView } from "@slipway/wire";
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
        const edits = options.limit.map(editOf);
        if (name === "edit" && edits.length === 0) {
          throw usageError("nothing to edit", "name a limit: --limit errors=1%");
        }
        const view = await learning.baseline(model);
        const rolloutId = name === "accept" ? newestOf(view) : null;
        const rows = (name === "accept" ? view.proposed?.rows : view.inForce?.measured) ?? [];
        const limits = limitsOf(edits, rows);
        const { by, reason } = options;
        const baseline = await learning.changeBaseline(model, { rolloutId, limits, by, reason });
        answer(context, options.json === true, baseline, acceptedText);
      }),
    );
}

function newestOf({ model, proposed }: BaselineView): string {
  if (proposed !== null) return proposed.rolloutId;
  throw usageError(
    `no rollout of ${model} has completed, so that there is nothing to accept`,
    "slipway baseline show MODEL shows both versions once one has",
  );
}

/** `unit`: what was written after the number; null for a bare one. */
type Edit = { readonly name: string; readonly max: number | null; readonly unit: Unit | null };

/** Names that no row has are the controller's to refuse: it knows the rows at the moment of the change. */
function limitsOf(
  edits: readonly Edit[],
  rows: readonly Pick<BaselineRow, "name" | "unit">[],
): LimitEdits {
  for (const { name, unit } of edits) {
    const row = rows.find((one) => one.name === name);
    if (row === undefined || unit === null || unit === row.unit) continue;
    throw usageError(
      `${name} is no ${unit === "ms" ? "duration" : "share"}`,
      `write ${WRITTEN[row.unit]}: --limit ${name}=${EXAMPLES[row.unit]}`,
    );
  }
  return Object.fromEntries(edits.map(({ name, max }) => [name, max]));
}

const WRITTEN: { readonly [unit in Unit]: string } = {
  ms: "a duration",
  share: "a share",
  tokens: "a number of tokens",
  dollars: "a number of dollars",
};

const EXAMPLES: { readonly [unit in Unit]: string } = {
  ms: "800ms",
  share: "1%",
  tokens: "400",
  dollars: "0.002",
};

/** "p99-latency=800ms", "errors=1%", "cost=0.002", "errors=none". */
function editOf(text: string): Edit {
  const at = text.indexOf("=");
  const [name, value] = [text.slice(0, Math.max(0, at)), text.slice(at + 1)];
  if (name === "") throw usageError(`${text} is no limit`, "write one as errors=1%");
  if (value === "none") return { name, max: null, unit: null };
  const { max, unit } = numberIn(value);
  if (value !== "" && Number.isFinite(max) && max > 0) return { name, max, unit };
  throw usageError(
    `${value} is no value of a limit`,
    "write a duration (800ms), a share (1%), a number of tokens or dollars, or none",
  );
}

function numberIn(value: string): { readonly max: number; readonly unit: Unit | null } {
  const duration = readDuration(value);
  if (duration.ok) return { max: duration.value, unit: "ms" };
  const share = readShare(value);
  if (share.ok) return { max: share.value, unit: "share" };
  return { max: Number(value), unit: null };
}
