// The clients' side of a gateway, whatever code carries it.

import type { Server } from "node:net";
import type { Exchange } from "../../ports.ts";
import type { DataLimits } from "./data-limits.ts";
import type { TlsFiles } from "./tls-files.ts";

/** The clients' side. */
export type Listener = {
  readonly server: Server;
  /** Takes no new connections; from now on each one ends with its answer. */
  readonly beginClosing: () => void;
  /** Ends the connections that wait for a request. */
  readonly closeIdle: () => void;
  /** Cuts every connection. */
  readonly closeAll: () => void;
  /** Reads the certificate again. Throws SlipwayError `tls_files`. */
  readonly reload: () => void;
};

export type ListenerOptions = {
  readonly handle: (exchange: Exchange) => void;
  readonly limits: DataLimits;
  /** Null for plain HTTP. */
  readonly tls: TlsFiles | null;
};
