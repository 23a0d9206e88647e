// slipway apply: sends a slipway.yaml to the controller, all of it or nothing.

import type { ApplyResult } from "@slipway/wire";
import type { Command } from "commander";
import { type ControlOptions, clientOf, controlCommand, run } from "../command.ts";
import { checkedConfig } from "../config/config-check.ts";
import { CONFIG_FILE } from "../edge/config-file.ts";
import { answer } from "../output.ts";
import type { Context } from "../terminal.ts";

export function applyCommand(context: Context): Command {
  return controlCommand(
    "apply",
    "send a slipway.yaml to the controller, all of it or nothing",
    context,
  )
    .argument("[file]", "the file", CONFIG_FILE)
    .action((file: string, options: ControlOptions) =>
      run(context, options, async () => {
        const json = options.json === true;
        const config = checkedConfig(context, file, json);
        const result = await clientOf(context, options).apply({ ...config, by: context.user });
        answer(context, json, result, applyText);
      }),
    );
}

export function applyText(result: ApplyResult): string {
  const changes = (["created", "changed", "unchanged", "removed"] as const)
    .filter((what) => result[what].length > 0)
    .map((what) => `${what}: ${result[what].join(", ")}\n`);
  const warnings = result.warnings.map((warning) => `warning: ${warning}\n`);
  return [...changes, ...warnings, `routing table ${result.table}\n`].join("");
}
