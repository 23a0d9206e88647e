// slipway status serve: the status page on a port, from its files alone.

import type { Subscriptions } from "@slipway/status/edge";
import { SlipwayError } from "@slipway/wire";
import type { Command } from "commander";
import { plainCommand, run } from "../../command.ts";
import { checkedSubscriptions } from "../../config/config-check.ts";
import { serve } from "../../edge/serve.ts";
import { portOption } from "../../options/number-option.ts";
import { STATUS_DIR, STATUS_PORT, SUBSCRIBERS_DIR, urlOf } from "../../options/serving.ts";
import type { Context } from "../../terminal.ts";

type ServeOptions = {
  readonly json?: boolean;
  readonly dir: string;
  readonly host: string;
  readonly port: number;
  readonly config?: string;
  readonly subscribers: string;
  readonly behindProxy?: boolean;
};

export function serveStatusCommand(context: Context): Command {
  return plainCommand("serve", "serve the status page from its files; no controller is needed")
    .option("--dir <folder>", "where the controller publishes it", STATUS_DIR)
    .option("--host <address>", "address to listen on", "127.0.0.1")
    .option(
      "--port <number>",
      "port to listen on; 0 lets the system choose",
      portOption,
      STATUS_PORT,
    )
    .option("--config <file>", "slipway.yaml whose subscriptions readers can make; none without it")
    .option("--subscribers <folder>", "where subscribers are kept; never served", SUBSCRIBERS_DIR)
    .option("--behind-proxy", "limit by the last address of x-forwarded-for")
    .action((options: ServeOptions) =>
      run(context, options, () => {
        const { dir, host, port } = options;
        return serve(
          context,
          async () => {
            const { serveStatus } = await import("@slipway/status/edge");
            const subscriptions = await subscriptionsOf(context, options);
            return serveStatus({
              ...{ dir, listen: { host, port }, nowMs: context.nowMs },
              isBehindProxy: options.behindProxy === true,
              ...(subscriptions === null ? {} : { subscriptions }),
            });
          },
          (actual) =>
            options.json === true
              ? `${JSON.stringify({ status: urlOf(host, actual), dir })}\n`
              : `status page on ${urlOf(host, actual)}, from ${dir}\n`,
        );
      }),
    );
}

/** The page is served all the same where nobody can subscribe to it: it is needed most when things are broken. */
async function subscriptionsOf(
  context: Context,
  options: ServeOptions,
): Promise<Subscriptions | null> {
  try {
    return await offeredSubscriptions(context, options);
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error;
    const fix = error.fix === null ? "" : `; ${error.fix}`;
    context.terminal.err(`slipway: readers cannot subscribe: ${error.message}${fix}\n`);
    return null;
  }
}

/** Null where the file, or nobody, says that readers can subscribe. */
async function offeredSubscriptions(
  context: Context,
  { dir, config, subscribers, json }: ServeOptions,
): Promise<Subscriptions | null> {
  if (config === undefined) return null;
  const { subscriptions, notifications } = checkedSubscriptions(context, config, json === true);
  if (subscriptions === null) return null;
  const { ownSecrets } = await import("@slipway/delivery/edge");
  const { createSubscriptions } = await import("@slipway/status/edge");
  return createSubscriptions({
    dir,
    subscribersDir: subscribers,
    mail: subscriptions.email ? (notifications?.mail ?? null) : null,
    webhooks: subscriptions.webhooks,
    secrets: ownSecrets(context.env),
    nowMs: context.nowMs,
    log: (line) => context.terminal.err(`${line}\n`),
  });
}
