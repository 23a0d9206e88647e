// slipway drift: whether what answers under an unchanged name still answers as it did; and, where it does not, taking what it
// is now as what is known of it.

import type { DriftVersion, DriftView } from "@slipway/wire";
import { Command } from "commander";
import { type ControlOptions, clientOf, controlCommand, run } from "../../command.ts";
import { driftText, lookText } from "../../drift/drift-text.ts";
import { drifted, notWatched } from "../../drift/drifted.ts";
import { EXIT } from "../../exit-code.ts";
import { grantsNow, type SecretOptions, withSecretOptions } from "../../options/secret-options.ts";
import { answer, usageError } from "../../output.ts";
import type { GrantedKeys } from "../../preflight/control-ports.ts";
import type { Context } from "../../terminal.ts";

type LookOptions = ControlOptions & SecretOptions & { readonly version?: string };
type AcceptOptions = ControlOptions &
  SecretOptions & {
    readonly version: string;
    readonly reason: string;
    readonly by: string;
  };

/** As of a preflight: too few answers came to tell. */
const EXIT_INCONCLUSIVE = 3;

export function driftCommand(context: Context): Command {
  return new Command("drift")
    .description("watch hosted models for change under an unchanged name")
    .addCommand(showCommand(context))
    .addCommand(lookCommand(context))
    .addCommand(acceptCommand(context));
}

function showCommand(context: Context): Command {
  return controlCommand("show", "show what is watched, and every baseline and alarm", context)
    .argument("<model>", "the model")
    .action((model: string, options: ControlOptions) =>
      run(context, options, async () => {
        const view = await clientOf(context, options).drift.view(model);
        answer(context, options.json === true, view, driftText);
      }),
    );
}

function lookCommand(context: Context): Command {
  const command = controlCommand(
    "look",
    "ask the probes now, and hold the answers against what is known",
    context,
  );
  return withSecretOptions(command)
    .argument("<model>", "the model")
    .option(
      "--version <version>",
      "this version; else those that are looked at by schedule, or what is stable",
    )
    .addHelpText(
      "after",
      "\nThe first look at a version takes its baseline. Exit code 0 when nothing has changed, 1 when something has, 3 when too few answers came.",
    )
    .action((model: string, options: LookOptions) =>
      run(context, options, async () => {
        const client = clientOf(context, options);
        const keys = { env: context.env, grants: grantsNow(context, options) };
        const before = await client.drift.view(model);
        const ids =
          options.version === undefined ? await watchedIds(client, before) : [options.version];
        let view = before;
        for (const id of ids) {
          view = await asked(context, client, { view, id, reason: null, by: context.user, keys });
        }
        answer(context, options.json === true, view, (now) =>
          ids.map((id) => lookText(now, id)).join(""),
        );
        context.exitWith(exitOf(view, ids));
      }),
    );
}

function acceptCommand(context: Context): Command {
  const command = controlCommand(
    "accept",
    "take what a version answers now as its baseline",
    context,
  );
  return withSecretOptions(command)
    .argument("<model>", "the model")
    .requiredOption("--version <version>", "the version")
    .requiredOption("--reason <text>", "why, for whoever looks later")
    .option("--by <name>", "who", context.user)
    .addHelpText("after", "\nAn alarm ends by it. What gates found before the alarm stays void.")
    .action((model: string, options: AcceptOptions) =>
      run(context, options, async () => {
        const client = clientOf(context, options);
        const { version: id, reason, by } = options;
        const keys = { env: context.env, grants: grantsNow(context, options) };
        const view = await client.drift.view(model);
        const after = await asked(context, client, { view, id, reason, by, keys });
        answer(context, options.json === true, after, (now) => lookText(now, id));
      }),
    );
}

type Client = ReturnType<typeof clientOf>;

async function watchedIds(
  client: Client,
  { model, versions }: DriftView,
): Promise<readonly string[]> {
  const scheduled = versions.filter((version) => version.scheduled).map(({ id }) => id);
  if (scheduled.length > 0) return scheduled;
  const stable = (await client.models()).find(({ name }) => name === model)?.stable;
  return stable === undefined ? [] : [stable];
}

type Asked = {
  readonly view: DriftView;
  readonly id: string;
  readonly reason: string | null;
  readonly by: string;
  readonly keys: GrantedKeys;
};

async function asked(
  context: Context,
  client: Client,
  { view, id, reason, by, keys }: Asked,
): Promise<DriftView> {
  if (view.order === null) throw notWatched(view.model);
  const version = versionOf(view, id);
  const stop = new AbortController();
  const forget = context.terminal.onStop(() => stop.abort());
  const { live, err } = context.terminal;
  try {
    return await drifted({
      ...{ client, view, version, reason, by, keys, signal: stop.signal },
      progress: (done, of) => {
        if (live) err(`\r\u001b[2K${id}: ${done}/${of}${done === of ? "\r\u001b[2K" : ""}`);
      },
    });
  } finally {
    forget();
  }
}

function versionOf({ model, versions }: DriftView, id: string): DriftVersion {
  const version = versions.find((one) => one.id === id);
  if (version !== undefined) return version;
  const known = versions.map((one) => one.id).join(", ");
  throw usageError(`${model} has no version ${id}`, `it has: ${known}`);
}

function exitOf({ versions }: DriftView, ids: readonly string[]): number {
  const watches = versions.filter(({ id }) => ids.includes(id)).map(({ watch }) => watch);
  if (watches.some((watch) => watch !== null && watch.alarm !== null)) return EXIT.failed;
  const isMute = watches.some((watch) => watch?.last?.counted === false);
  return isMute ? EXIT_INCONCLUSIVE : EXIT.ok;
}
