// slipway status subscribers: who has subscribed on this machine, and taking one out.

import type { Subscriber } from "@slipway/status";
import type { SlipwayError } from "@slipway/wire";
import type { Command } from "commander";
import { type CommonOptions, plainCommand, run } from "../../command.ts";
import { SUBSCRIBERS_DIR } from "../../options/serving.ts";
import { answer, usageError } from "../../output.ts";
import type { Context } from "../../terminal.ts";
import { momentText } from "../../text/rollout-text.ts";
import { textColumns } from "../../text/text-columns.ts";

type SubscribersOptions = CommonOptions & {
  readonly subscribers: string;
  readonly remove?: string;
};

export function subscribersCommand(context: Context): Command {
  return plainCommand("subscribers", "list who has subscribed to the status page, or take one out")
    .option("--subscribers <folder>", "where the page's server keeps them", SUBSCRIBERS_DIR)
    .option("--remove <address>", "forget this address, with all that is on its way to it")
    .action((options: SubscribersOptions) =>
      run(context, options, async () => {
        const { hasSubscribers, SubscriberDatabase } = await import("@slipway/status/edge");
        if (!hasSubscribers(options.subscribers)) throw noSubscribers(options.subscribers);
        const database = new SubscriberDatabase(options.subscribers);
        try {
          if (options.remove !== undefined) removed(database, options.remove);
          const shown = database.all().map(withoutSecrets);
          answer(context, options.json === true, shown, subscribersText);
        } finally {
          database.close();
        }
      }),
    );
}

/** None is made by looking: a folder with another name would seem to be one that nobody has subscribed in. */
function noSubscribers(folder: string): SlipwayError {
  return usageError(
    `no page's server keeps subscribers in ${folder}`,
    "name the folder that slipway status serve was given, with --subscribers",
  );
}

type Database = InstanceType<typeof import("@slipway/status/edge").SubscriberDatabase>;

function removed(database: Database, address: string): void {
  const found = database.all().filter((one) => one.address === address);
  if (found.length === 0) throw usageError(`${address} has not subscribed`, null);
  for (const { id } of found) database.remove(id);
}

type Shown = Omit<Subscriber, "token" | "secret">;

/** Who has the token could unsubscribe them, and who has the secret could write to them. */
function withoutSecrets({ token: _, secret: __, ...shown }: Subscriber): Shown {
  return shown;
}

function subscribersText(subscribers: readonly Shown[]): string {
  if (subscribers.length === 0) return "nobody has subscribed\n";
  return textColumns([
    ["BY", "ADDRESS", "STATE", "SINCE", "COMPONENTS"],
    ...subscribers.map(({ way, address, state, askedAtMs, components }) => [
      way,
      address,
      state,
      momentText(askedAtMs),
      components.length === 0 ? "all" : components.join(", "),
    ]),
  ]);
}
