// Flags of the gateway's data port: its certificate, and what a client's connection may take.

import type { RunOptions } from "@slipway/gateway/edge";
import { type Command, Option } from "commander";
import { usageError } from "../output.ts";
import { countOption, durationOption } from "./number-option.ts";

export type DataPortOptions = {
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly connectionsMax?: number;
  readonly headBytesMax?: number;
  readonly bodyBytesMax?: number;
  readonly headTimeout?: number;
  readonly requestTimeout?: number;
  readonly keepAlive?: number;
  readonly accessLog: "off" | "errors" | "all";
};

export function withDataPortOptions(command: Command): Command {
  return command
    .option("--tls-cert <file>", "certificate of the data port, PEM; read again on SIGHUP")
    .option("--tls-key <file>", "its private key, PEM")
    .option("--connections-max <number>", "client connections per worker (10000)", countOption)
    .option("--head-bytes-max <number>", "bytes of a request's head (16384)", countOption)
    .option("--body-bytes-max <number>", "bytes of a request's body (33554432)", countOption)
    .option("--head-timeout <duration>", "time for a request's head to come (30s)", durationOption)
    .option("--request-timeout <duration>", "time for all of it to come (5m)", durationOption)
    .option("--keep-alive <duration>", "time that an idle connection is kept (75s)", durationOption)
    .addOption(
      new Option("--access-log <which>", "requests that get a log line")
        .choices(["off", "errors", "all"])
        .default("off"),
    );
}

/** Throws a usage error where a certificate has no key, or a key no certificate. */
export function dataPortOf(
  options: DataPortOptions,
): Pick<RunOptions, "accessLog" | "dataLimits" | "limits" | "tls"> {
  const { tlsCert: certFile, tlsKey: keyFile } = options;
  if ((certFile === undefined) !== (keyFile === undefined)) {
    throw usageError("--tls-cert and --tls-key belong together", "name both files");
  }
  const tls = certFile === undefined || keyFile === undefined ? undefined : { certFile, keyFile };
  return {
    tls,
    accessLog: options.accessLog,
    limits: given({ bodyBytesMax: options.bodyBytesMax }),
    dataLimits: given({
      connectionsMax: options.connectionsMax,
      headBytesMax: options.headBytesMax,
      headMsMax: options.headTimeout,
      requestMsMax: options.requestTimeout,
      keepAliveMsMax: options.keepAlive,
    }),
  };
}

/** Without what was left to its default. */
function given(limits: { readonly [name: string]: number | undefined }): {
  readonly [name: string]: number;
} {
  return Object.fromEntries(
    Object.entries(limits).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
