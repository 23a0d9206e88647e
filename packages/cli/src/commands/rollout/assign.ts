// slipway rollout assign: where a given user goes now, and why. The same rule that gateways follow, asked by hand.

import type { Command } from "commander";
import { whereOf } from "../../assignment.ts";
import { type ControlOptions, clientOf, controlCommand, run } from "../../command.ts";
import { answer, usageError } from "../../output.ts";
import type { Context } from "../../terminal.ts";
import { outcomeOf } from "../../text/rollout-text.ts";

type AssignOptions = ControlOptions & {
  readonly key?: string;
  readonly header: readonly string[];
  readonly client?: string;
};

export function assignCommand(context: Context): Command {
  return controlCommand("assign", "say where a user goes now, and why", context)
    .argument("<model>", "the model")
    .option("--key <key>", "the user's key, as requests carry it")
    .option("--header <name=value>", "a header of the request; may be repeated", collected, [])
    .option("--client <name>", "the API client that sends it")
    .action((model: string, options: AssignOptions) =>
      run(context, options, async () => {
        const client = clientOf(context, options);
        const known = (await client.models()).find(({ name }) => name === model);
        if (known === undefined) {
          throw usageError(`there is no model ${model}`, "slipway models lists them");
        }
        const rollouts = await client.rollouts();
        const underWay = rollouts.find((r) => r.model === model && outcomeOf(r.phase) === null);
        const view = underWay === undefined ? null : await client.rollout(underWay.id);
        const asked = {
          key: options.key ?? null,
          headers: new Map(options.header.map(headerOf)),
          client: options.client ?? null,
        };
        const where = whereOf(known, view, asked);
        answer(
          context,
          options.json === true,
          where,
          ({ version, arm, why }) => `${version} (${arm}): ${why}\n`,
        );
      }),
    );
}

function collected(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

function headerOf(text: string): [string, string] {
  const at = text.indexOf("=");
  if (at < 1) throw usageError(`${text} is no header`, "write --header name=value");
  return [text.slice(0, at).toLowerCase(), text.slice(at + 1)];
}
