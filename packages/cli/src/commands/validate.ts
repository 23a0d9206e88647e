// slipway validate: says everything that is wrong with a slipway.yaml, without touching anything.

import { counted } from "@slipway/core";
import { problemsText } from "@slipway/wire/config";
import type { Command } from "commander";
import { type CommonOptions, plainCommand, run } from "../command.ts";
import { CONFIG_FILE, readConfig } from "../edge/config-file.ts";
import { EXIT } from "../exit-code.ts";
import type { Context } from "../terminal.ts";

export function validateCommand(context: Context): Command {
  return plainCommand("validate", "check a slipway.yaml; exit code 2 if it is wrong")
    .argument("[file]", "the file", CONFIG_FILE)
    .action((file: string, options: CommonOptions) =>
      run(context, options, () => validate(context, file, options.json === true)),
    );
}

function validate(context: Context, file: string, json: boolean): void {
  const loaded = readConfig(file, true);
  const models = loaded.ok ? loaded.models.map(({ name }) => name) : [];
  if (json) {
    const value = { ok: loaded.ok, file, models, problems: loaded.problems };
    context.terminal.out(`${JSON.stringify(value, null, 2)}\n`);
  } else {
    context.terminal.err(problemsText(loaded.problems));
    if (loaded.ok) {
      context.terminal.out(
        `${file} is right: ${counted(models.length, "model")} (${models.join(", ")})\n`,
      );
    }
  }
  if (!loaded.ok) context.exitWith(EXIT.badInput);
}
