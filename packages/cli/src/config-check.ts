// A configuration that a command is about to use: its warnings are told, its errors end the command.

import { type ConfigDocument, SlipwayError } from "@slipway/wire";
import { problemsText } from "@slipway/wire/config";
import { readConfig } from "./edge/config-file.ts";
import type { Context } from "./terminal.ts";

/**
 * Says what is wrong on standard error, and throws without repeating it. `warnOfKeys`: the gateway runs here,
 * so its keys should be set here.
 */
export function checkedConfig(
  context: Context,
  file: string,
  json: boolean,
  warnOfKeys: boolean = false,
): ConfigDocument {
  const loaded = readConfig(file, warnOfKeys);
  if (!json) context.terminal.err(problemsText(loaded.problems));
  if (loaded.ok) {
    const { ok: _, problems: __, ...config } = loaded;
    return config;
  }
  const errors = loaded.problems.filter(({ severity }) => severity === "error");
  const [first] = errors;
  throw new SlipwayError({
    code: "config_invalid",
    status: 400,
    message:
      json && first !== undefined
        ? `${first.file}:${first.line}:${first.column}: ${first.message}${more(errors.length)}`
        : "nothing was changed",
    fix: json ? (first?.fix ?? null) : null,
  });
}

function more(errors: number): string {
  return errors > 1 ? ` (and ${errors - 1} more; slipway validate --json lists them)` : "";
}
