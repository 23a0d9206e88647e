// Flags that gateway and controller share, and what `up` passes on to them.

import { type Command, Option } from "commander";
import { plainCommand } from "../command.ts";
import { portOption } from "./number-option.ts";

export const GATEWAY_PORT = 4700;
export const CONTROL_PORT = 4701;
export const STATUS_PORT = 4702;
/** Of `up`; its controller and its gateway have folders of their own in it, where their commands look. */
export const DATA_DIR = ".slipway";
export const CONTROLLER_DATA_DIR = ".slipway/controller";
export const GATEWAY_DATA_DIR = ".slipway/gateway";
/** Where `up` publishes the status page. */
export const STATUS_DIR = ".slipway/status";
/** Who has subscribed to it: beside the page, and not in it. */
export const SUBSCRIBERS_DIR = ".slipway/subscribers";

const LOG_LEVELS = ["debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export type ServingOptions = {
  readonly json?: boolean;
  readonly host: string;
  readonly port: number;
  readonly dataDir: string;
  readonly logLevel: LogLevel;
};

export function servingCommand(
  name: string,
  description: string,
  port: number,
  dataDir: string,
): Command {
  return plainCommand(name, description)
    .option("--host <address>", "address to listen on", "127.0.0.1")
    .option("--port <number>", "port to listen on; 0 lets the system choose", portOption, port)
    .option("--data-dir <folder>", "where its files are", dataDir)
    .addOption(logLevelOption());
}

export function logLevelOption(): Option {
  return new Option("--log-level <level>", "which log lines to write")
    .choices(LOG_LEVELS)
    .default("info");
}

const TRANSPORTS = ["node", "llhttp"] as const;
export type Transport = (typeof TRANSPORTS)[number];

/** The gateway's own default holds where it is absent. */
export function transportOption(): Option {
  return new Option("--transport <name>", "which code carries HTTP, see the docs").choices(
    TRANSPORTS,
  );
}

/** The address as clients write it. */
export function urlOf(host: string, port: number, isSecure: boolean = false): string {
  const name = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
  return `http${isSecure ? "s" : ""}://${name.includes(":") ? `[${name}]` : name}:${port}`;
}
