// slipway gateway: the data plane alone, in this process; and what an operator can do to one on this machine
// with no controller alive.

import type { Command } from "commander";
import { run, tokenOf } from "../command.ts";
import { machineName } from "../edge/machine.ts";
import { serve } from "../edge/serve.ts";
import {
  type DataPortOptions,
  dataPortOf,
  withDataPortOptions,
} from "../options/data-port-options.ts";
import { workersOption } from "../options/number-option.ts";
import { grantsNow, type SecretOptions, withSecretOptions } from "../options/secret-options.ts";
import {
  CONTROL_PORT,
  GATEWAY_DATA_DIR,
  GATEWAY_PORT,
  type ServingOptions,
  servingCommand,
  type Transport,
  transportOption,
  urlOf,
} from "../options/serving.ts";
import type { Context } from "../terminal.ts";
import { answersCommand } from "./gateway-answers.ts";
import { divertCommand } from "./gateway-divert.ts";
import { restartCommand } from "./gateway-restart.ts";
import { statusCommand } from "./gateway-status.ts";

type GatewayOptions = ServingOptions &
  DataPortOptions &
  SecretOptions & {
    readonly controller: string;
    readonly workers: number;
    readonly name: string;
    readonly transport?: Transport;
  };

export function gatewayCommand(context: Context): Command {
  const controller = context.env["SLIPWAY_CONTROLLER"] ?? `http://127.0.0.1:${CONTROL_PORT}`;
  const command = servingCommand(
    "gateway",
    "run a gateway in this process",
    GATEWAY_PORT,
    GATEWAY_DATA_DIR,
  );
  return withSecretOptions(withDataPortOptions(command))
    .option("--controller <url>", "the controller to follow (or SLIPWAY_CONTROLLER)", controller)
    .option("--workers <number>", "worker processes", workersOption, 1)
    .option("--name <name>", "its name in lists and journals", machineName())
    .addOption(transportOption())
    .action((options: GatewayOptions) =>
      run(context, options, () => serveGateway(context, options)),
    )
    .addCommand(answersCommand(context))
    .addCommand(divertCommand(context))
    .addCommand(restartCommand(context))
    .addCommand(statusCommand(context));
}

async function serveGateway(context: Context, options: GatewayOptions): Promise<void> {
  const { host, port, dataDir, name, workers, logLevel, transport } = options;
  const token = tokenOf(context);
  const dataPort = dataPortOf(options);
  const grants = grantsNow(context, options);
  await serve(
    context,
    async () => {
      const { runGateway } = await import("@slipway/gateway/edge");
      return runGateway({
        listen: { host, port },
        controllerUrl: options.controller.replace(/\/+$/, ""),
        dataDir,
        name,
        workers,
        logLevel,
        transport,
        grants,
        ...dataPort,
        ...(token === null ? {} : { token }),
      });
    },
    (actual) =>
      options.json === true
        ? `${JSON.stringify({ gateway: urlOf(host, actual, dataPort.tls !== undefined), dataDir })}\n`
        : `gateway listens on ${urlOf(host, actual, dataPort.tls !== undefined)}/v1, follows ${options.controller}\n`,
  );
}
