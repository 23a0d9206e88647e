// What a gateway process is started with.

import type { Grant } from "@slipway/core";
import type { Limits } from "../limits.ts";
import type { AccessLog } from "./access-log.ts";
import type { DataLimits } from "./transport/data-limits.ts";
import type { TlsFiles } from "./transport/tls-files.ts";
import type { Transport } from "./transport/transport.ts";

export type RunOptions = {
  readonly listen: { readonly host: string; readonly port: number };
  /** Base URL of the controller, without a slash at the end. */
  readonly controllerUrl: string;
  /** Holds the table, the diverted models and the admin socket. */
  readonly dataDir: string;
  /** For people: names this gateway in views and logs. */
  readonly name: string;
  readonly workers: number;
  /** Of clients' connections, per worker. */
  readonly dataLimits?: Partial<DataLimits> | undefined;
  readonly limits?: Partial<Limits> | undefined;
  /** Certificate and key of the data port; plain HTTP where absent. */
  readonly tls?: TlsFiles | undefined;
  /** Keys that upstreams may be sent, as it is now; none where absent. Looked at each second. */
  readonly grants?: (() => readonly Grant[]) | undefined;
  /** Bearer token for the controller. */
  readonly token?: string | undefined;
  readonly transport?: Transport | undefined;
  /** Which requests get a line in the log; none where absent. */
  readonly accessLog?: AccessLog | undefined;
  /** A level of pino; `info` where absent. */
  readonly logLevel?: string | undefined;
};
