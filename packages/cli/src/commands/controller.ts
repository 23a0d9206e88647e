// slipway controller: the control plane alone, in this process.

import type { Command } from "commander";
import { run, tokenOf } from "../command.ts";
import { serve } from "../edge/serve.ts";
import {
  CONTROL_PORT,
  CONTROLLER_DATA_DIR,
  type ServingOptions,
  servingCommand,
  urlOf,
} from "../serving.ts";
import type { Context } from "../terminal.ts";
import { VERSION } from "../version.ts";

export function controllerCommand(context: Context): Command {
  return servingCommand(
    "controller",
    "run a controller in this process",
    CONTROL_PORT,
    CONTROLLER_DATA_DIR,
  ).action((options: ServingOptions) =>
    run(context, options, () => serveController(context, options)),
  );
}

async function serveController(context: Context, options: ServingOptions): Promise<void> {
  const { host, port, dataDir, logLevel } = options;
  const token = tokenOf(context);
  await serve(
    context,
    async () => {
      const { runController } = await import("@slipway/controller/edge");
      return runController({
        listen: { host, port },
        dataDir,
        logLevel,
        version: VERSION,
        ...(token === null ? {} : { token }),
      });
    },
    (actual) =>
      options.json === true
        ? `${JSON.stringify({ controller: urlOf(host, actual), dataDir })}\n`
        : `controller listens on ${urlOf(host, actual)}, data in ${dataDir}\n`,
  );
}
