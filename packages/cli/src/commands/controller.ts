// slipway controller: the control plane alone, in this process.

import { DRILL_FAULT_DEFAULT } from "@slipway/core";
import type { Command } from "commander";
import { ControlClient } from "../client/control-client.ts";
import { run, tokenOf } from "../command.ts";
import type { ScheduledLooks } from "../drift/drift-schedule.ts";
import { drifted } from "../drift/drifted.ts";
import type { Scheduled } from "../drill/drill-schedule.ts";
import { drilled } from "../drill/drilled.ts";
import { type Served, serve } from "../edge/serve.ts";
import {
  grantsNow,
  type SecretOptions,
  withNoticeOption,
  withSecretOptions,
} from "../options/secret-options.ts";
import {
  CONTROL_PORT,
  CONTROLLER_DATA_DIR,
  type ServingOptions,
  STATUS_DIR,
  servingCommand,
  urlOf,
} from "../options/serving.ts";
import type { GrantedKeys } from "../preflight/control-ports.ts";
import { dueBySchedule, keepLooking } from "../schedule.ts";
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
  return withNoticeOption(withSecretOptions(command))
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
      const { createCourier, grantedPlaces, grantedSecrets } = await import(
        "@slipway/delivery/edge"
      );
      const running = await runController({
        listen: { host, port },
        dataDir,
        logLevel,
        version: VERSION,
        publish: createPublisher(statusDir),
        deliver: createCourier({
          secrets: grantedSecrets(context.env, grants),
          places: grantedPlaces(grants),
          nowMs: context.nowMs,
        }),
        ...(token === null ? {} : { token }),
      });
      return withSchedules(
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

/** Drills, and looks for drift, that slipway.yaml gives a schedule run beside the controller, and end with it. */
async function withSchedules(
  context: Context,
  running: Served,
  client: ControlClient,
  keys: GrantedKeys,
): Promise<Served> {
  const { drillDue } = await import("../drill/drill-schedule.ts");
  const { driftLooksDue } = await import("../drift/drift-schedule.ts");
  const stop = new AbortController();
  const { signal } = stop;
  const { nowMs, terminal } = context;
  const by = "the schedule";
  const fault = DRILL_FAULT_DEFAULT;
  const tell = (text: string): void => terminal.err(`${text}\n`);
  const progress = (): void => {};
  const drills: Scheduled = {
    ...{ client, tell, signal, isDue: dueBySchedule() },
    drill: (model) => drilled({ client, model, by, keys, signal, progress, fault }),
  };
  const looks: ScheduledLooks = {
    ...{ client, tell, signal, isDue: dueBySchedule() },
    look: (view, version) =>
      drifted({ client, view, version, reason: null, by, keys, signal, progress }),
  };
  const ends = [
    keepLooking({
      ...{ what: "drills", tell, nowMs },
      look: (fromMs, toMs) => drillDue(drills, fromMs, toMs),
    }),
    keepLooking({
      ...{ what: "drift", tell, nowMs },
      look: (fromMs, toMs) => driftLooksDue(looks, fromMs, toMs),
    }),
  ];
  return {
    port: running.port,
    close: async () => {
      stop.abort();
      // The controller has to be there to end what is under way.
      await Promise.all(ends.map((end) => end()));
      await running.close();
    },
  };
}
