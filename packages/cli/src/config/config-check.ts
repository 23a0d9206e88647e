// A configuration that a command is about to use: its warnings are told, its errors end the command.

import { type BacktestRequest, type ConfigDocument, SlipwayError } from "@slipway/wire";
import { type LoadedConfig, type Problem, problemsText } from "@slipway/wire/config";
import { withWatches } from "../drift/watched-models.ts";
import { readConfig, readPolicies } from "../edge/config-file.ts";
import { withDigests } from "../preflight/digests.ts";
import type { Context } from "../terminal.ts";

/** Where what is wrong is said. */
export type Telling = { readonly terminal: Pick<Context["terminal"], "err"> };

/**
 * Says what is wrong on standard error, and throws without repeating it. `warnOfKeys`: the gateway runs here,
 * so its keys should be set here.
 */
export function checkedConfig(
  context: Telling,
  file: string,
  json: boolean,
  warnOfKeys: boolean = false,
): ConfigDocument {
  const {
    ok: _,
    problems: __,
    gates,
    subscriptions: ___,
    ...config
  } = loadedConfig(context, readConfig(file, warnOfKeys), json);
  const warn = (text: string): void => {
    if (!json) context.terminal.err(text);
  };
  const models = withWatches(withDigests(config.models, gates, file, warn), gates, file);
  return { ...config, models };
}

/** As `checkedConfig`, with how the gates of its models are set up. */
export function checkedGates(
  context: Telling,
  file: string,
  json: boolean,
): Pick<RightConfig, "models" | "gates" | "pools"> {
  return loadedConfig(context, readConfig(file, false), json);
}

/** As `checkedConfig`, of what it says itself: nothing is read of the files that it names. */
export function checkedNames(
  context: Telling,
  file: string,
  json: boolean,
): Pick<RightConfig, "models" | "notifications"> {
  return loadedConfig(context, readConfig(file, false), json);
}

/** As `checkedConfig`, with how readers of the status page subscribe. */
export function checkedSubscriptions(
  context: Telling,
  file: string,
  json: boolean,
): Pick<RightConfig, "subscriptions" | "notifications"> {
  return loadedConfig(context, readConfig(file, false), json);
}

type RightConfig = Extract<LoadedConfig, { ok: true }>;

function loadedConfig(context: Telling, loaded: LoadedConfig, json: boolean): RightConfig {
  if (!json) context.terminal.err(problemsText(loaded.problems));
  if (loaded.ok) return loaded;
  throw invalidFile("config_invalid", loaded.problems, json);
}

/** As `checkedConfig`, of a file whose policies alone matter, and which may hold nothing but one. */
export function checkedPolicies(
  context: Telling,
  file: string,
  json: boolean,
): BacktestRequest["policies"] {
  const loaded = readPolicies(file);
  if (!json) context.terminal.err(problemsText(loaded.problems));
  if (loaded.ok) return loaded.policies;
  throw invalidFile("config_invalid", loaded.problems, json);
}

/** The error of a file whose problems were told already, or are not to be told on standard error. */
export function invalidFile(
  code: string,
  problems: readonly Problem[],
  json: boolean,
): SlipwayError {
  const errors = problems.filter(({ severity }) => severity === "error");
  const [first] = errors;
  return new SlipwayError({
    code,
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
