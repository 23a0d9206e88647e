// slipway controller: the control plane alone, in this process.

import { DRILL_FAULT_DEFAULT } from "@slipway/core";
import type { Command } from "commander";
import { run, tokenOf } from "../command.ts";
import { ControlClient } from "../control-client.ts";
import { drilled } from "../drill/drilled.ts";
import { type Served, serve } from "../edge/serve.ts";
import type { DrillKeys } from "../preflight/control-ports.ts";
import { grantsNow, type SecretOptions, withSecretOptions } from "../secret-options.ts";
import {
  CONTROL_PORT,
  CONTROLLER_DATA_DIR,
  type ServingOptions,
  STATUS_DIR,
  servingCommand,
  urlOf,
} from "../serving.ts";
import type { Context } from "../terminal.ts";
import { VERSION } from "../version.ts";

type ControllerOptions = ServingOptions & SecretOptions & { readonly statusDir: string };

export function controllerCommand(context: Context): Command {
  const command = servingCommand(
    "controller",
    "run a controller in this process",
    CONTROL_PORT,
    CONTROLLER_DATA_DIR,
  );
  return withSecretOptions(command)
    .option("--status-dir <folder>", "where it publishes the status page", STATUS_DIR)
    .action((options: ControllerOptions) =>
      run(context, options, () => serveController(context, options)),
    );
}

async function serveController(context: Context, options: ControllerOptions): Promise<void> {
  const { host, port, dataDir, logLevel, statusDir } = options;
  const token = tokenOf(context);
  const grants = grantsNow(context, options);
  await serve(
    context,
    async () => {
      const { runController } = await import("@slipway/controller/edge");
      const { createPublisher } = await import("@slipway/status/edge");
      const { createCourier, grantedSecrets } = await import("@slipway/delivery/edge");
      const running = await runController({
        listen: { host, port },
        dataDir,
        logLevel,
        version: VERSION,
        publish: createPublisher(statusDir),
        deliver: createCourier({
          secrets: grantedSecrets(context.env, grants),
          nowMs: context.nowMs,
        }),
        ...(token === null ? {} : { token }),
      });
      return withDrills(
        context,
        running,
        new ControlClient({ url: urlOf(host, running.port), token }),
        { env: context.env, grants },
      );
    },
    (actual) =>
      options.json === true
        ? `${JSON.stringify({ controller: urlOf(host, actual), dataDir })}\n`
        : `controller listens on ${urlOf(host, actual)}, data in ${dataDir}\n`,
  );
}

/** Drills that slipway.yaml gives a schedule run beside the controller, and end with it. */
async function withDrills(
  context: Context,
  running: Served,
  client: ControlClient,
  keys: DrillKeys,
): Promise<Served> {
  const { keepDrilling } = await import("../drill/drill-schedule.ts");
  const stop = new AbortController();
  const { nowMs, terminal } = context;
  const end = keepDrilling(
    {
      client,
      drill: (model) =>
        drilled({
          ...{ client, model, by: "the schedule", keys, signal: stop.signal },
          fault: DRILL_FAULT_DEFAULT,
          progress: () => {},
        }),
      tell: (text) => terminal.err(`${text}\n`),
      signal: stop.signal,
    },
    nowMs,
  );
  return {
    port: running.port,
    close: async () => {
      stop.abort();
      await end();
      await running.close();
    },
  };
}
