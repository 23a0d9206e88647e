// slipway up: everything on this machine. A controller and a gateway as supervised children, with the
// configuration applied.

import type { ConfigDocument } from "@slipway/wire";
import type { Command } from "commander";
import { plainCommand, run, tokenOf } from "../command.ts";
import { checkedConfig } from "../config/config-check.ts";
import { CONFIG_FILE } from "../edge/config-file.ts";
import { defaultWorkers, fileExists, machineName } from "../edge/machine.ts";
import { applyAndServe, type Stack, startStack } from "../edge/stack.ts";
import type { ChildEvent } from "../edge/supervised-child.ts";
import { portOption, workersOption } from "../options/number-option.ts";
import {
  CONTROL_PORT,
  DATA_DIR,
  GATEWAY_PORT,
  type LogLevel,
  logLevelOption,
  STATUS_PORT,
  type Transport,
  transportOption,
} from "../options/serving.ts";
import type { Context } from "../terminal.ts";
import { textColumns } from "../text/text-columns.ts";
import { applyText } from "./apply.ts";

type UpOptions = {
  readonly json?: boolean;
  readonly config?: string;
  readonly dataDir: string;
  readonly host: string;
  readonly port: number;
  readonly controlPort: number;
  readonly statusPort: number;
  readonly workers: number;
  readonly transport?: Transport;
  readonly logLevel: LogLevel;
};

export function upCommand(context: Context): Command {
  return plainCommand("up", "run a controller and a gateway on this machine")
    .option("--config <file>", `configuration to apply (default: ${CONFIG_FILE} where it exists)`)
    .option("--data-dir <folder>", "where journal, tables and logs are", DATA_DIR)
    .option("--host <address>", "address to listen on for clients", "127.0.0.1")
    .option(
      "--port <number>",
      "port for clients; 0 lets the system choose",
      portOption,
      GATEWAY_PORT,
    )
    .option("--control-port <number>", "port of the control API", portOption, CONTROL_PORT)
    .option("--status-port <number>", "port of the status page", portOption, STATUS_PORT)
    .option("--workers <number>", "gateway worker processes", workersOption, defaultWorkers())
    .addOption(transportOption())
    .addOption(logLevelOption())
    .action((options: UpOptions) => run(context, options, () => up(context, options)));
}

async function up(context: Context, options: UpOptions): Promise<void> {
  const file = options.config ?? (fileExists(CONFIG_FILE) ? CONFIG_FILE : null);
  const config = configOf(context, options, file);
  const stop = Promise.withResolvers<null>();
  const hurry = new AbortController();
  let stopping = false;
  const forget = context.terminal.onStop(() => {
    if (stopping) hurry.abort();
    stopping = true;
    stop.resolve(null);
  });
  try {
    const stack = await startStack({
      host: options.host,
      gatewayPort: options.port,
      controlPort: options.controlPort,
      statusPort: options.statusPort,
      configFile: file,
      dataDir: options.dataDir,
      workers: options.workers,
      transport: options.transport ?? null,
      name: machineName(),
      token: tokenOf(context),
      logLevel: options.logLevel,
      onEvent: (event) => tell(context, event),
    });
    hurry.signal.addEventListener("abort", stack.kill);
    try {
      if (config !== null) await apply(context, stack, config, options);
      announce(context, stack, config?.models ?? [], options);
      const failure = await Promise.race([stop.promise, stack.failed]);
      if (failure !== null) throw failure;
      if (options.json !== true) context.terminal.err("draining; ctrl-C again ends it at once\n");
    } finally {
      await stack.close();
    }
  } finally {
    forget();
  }
}

/** Null where no configuration is named and none lies here. Checked before anything starts. */
function configOf(
  context: Context,
  options: UpOptions,
  file: string | null,
): ConfigDocument | null {
  return file === null ? null : checkedConfig(context, file, options.json === true, true);
}

async function apply(
  context: Context,
  stack: Stack,
  config: ConfigDocument,
  { workers, json }: UpOptions,
): Promise<void> {
  const { result, served } = await applyAndServe(stack, workers, { ...config, by: context.user });
  if (json !== true) context.terminal.err(applyText(result));
  if (!served) {
    context.terminal.err(`warning: not every worker has the new table yet; see ${stack.logDir}\n`);
  }
}

function announce(
  context: Context,
  stack: Stack,
  models: ConfigDocument["models"],
  options: UpOptions,
): void {
  const { gatewayUrl, controllerUrl, statusUrl, logDir } = stack;
  const names = models.map(({ name }) => name);
  if (options.json === true) {
    const value = {
      gateway: gatewayUrl,
      controller: controllerUrl,
      status: statusUrl,
      dataDir: options.dataDir,
      logDir,
      models: names,
      pids: stack.pids(),
    };
    context.terminal.out(`${JSON.stringify(value, null, 2)}\n`);
    return;
  }
  const none = "none yet: slipway init writes a slipway.yaml, slipway apply sends it";
  context.terminal.out(
    `\nslipway is up\n${textColumns([
      ["  clients", `${gatewayUrl}/v1`, "base URL of the OpenAI API"],
      ["  control", controllerUrl, "for slipway models, slipway rollout …"],
      ["  status", statusUrl, "the public page"],
      ["  models", names.length === 0 ? none : names.join(", ")],
      ["  data", options.dataDir, `logs in ${logDir}`],
    ])}\nctrl-C drains and stops it\n`,
  );
}

function tell(context: Context, event: ChildEvent): void {
  if (event.kind !== "restarting") return;
  const { name, how, inMs } = event;
  context.terminal.err(`slipway: the ${name} ended ${how}; starting it again in ${inMs} ms\n`);
}
