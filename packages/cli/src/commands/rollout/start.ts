// slipway rollout start: begins moving a model's users to another version.

import { GATES } from "@slipway/core";
import type { GateOverride, RolloutView, StartRequest } from "@slipway/wire";
import { type Command, InvalidArgumentError, Option } from "commander";
import { type ControlOptions, clientOf, controlCommand, run } from "../../command.ts";
import { answer } from "../../output.ts";
import { readReport } from "../../preflight/evidence.ts";
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
  readonly overrideGate: readonly GateOverride[];
  readonly evidence: readonly string[];
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
    .addOption(
      new Option("--override-gate <gate=why>", "start it without this gate's pass; may be repeated")
        .argParser(overrideOption)
        .default([], "none"),
    )
    .addOption(
      new Option(
        "--evidence <file>",
        "a preflight's report in JSON, to leave with the controller first",
      )
        .argParser((file: string, before: readonly string[]) => [...before, file])
        .default([], "none"),
    )
    .option("--watch", "stay and watch it")
    .action((model: string, options: StartOptions) =>
      run(context, options, async () => {
        const client = clientOf(context, options);
        for (const file of options.evidence) {
          const [of, evidence] = readReport(file);
          await client.preflights.keepEvidence(of, evidence);
        }
        const view = await client.start(requestOf(model, options));
        if (options.watch === true) {
          await watchRollout({ context, client, id: view.id, json: options.json === true });
        } else answer(context, options.json === true, view, startText);
      }),
    );
}

function requestOf(model: string, options: StartOptions): StartRequest {
  const { to, by, reason, sharePools, observe, override, overrideGate } = options;
  return {
    model,
    to,
    by,
    reason,
    ...(sharePools === true ? { sharePools } : {}),
    ...(observe === true ? { observe } : {}),
    ...(override === undefined ? {} : { override }),
    ...(overrideGate.length === 0 ? {} : { withoutGates: overrideGate }),
  };
}

function overrideOption(text: string, before: readonly GateOverride[]): readonly GateOverride[] {
  const at = text.indexOf("=");
  const gate = GATES.find((name) => name === text.slice(0, at));
  const reason = text.slice(at + 1).trim();
  if (at >= 0 && gate === undefined) {
    throw new InvalidArgumentError(`A gate is one of: ${GATES.join(", ")}.`);
  }
  if (gate === undefined || reason === "") {
    throw new InvalidArgumentError("Write a gate and why, such as load='measured by hand'.");
  }
  return [...before, { gate, reason }];
}

function startText({ id, model, from, to }: RolloutView): string {
  return `rollout ${id} of ${model} from ${from} to ${to} has started\nsee it: slipway rollout watch ${id}\n`;
}
