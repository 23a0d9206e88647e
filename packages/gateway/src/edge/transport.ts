// Which code carries requests and answers over sockets. Both do the same, by the same tests.

import type { Server } from "node:net";
import type { Exchange, Upstream } from "../ports.ts";
import type { DataLimits } from "./data-limits.ts";
import { llhttpListener } from "./llhttp/llhttp-listener.ts";
import { llhttpUpstream } from "./llhttp/llhttp-upstream.ts";
import { nodeListener } from "./node-listener.ts";
import type { TlsFiles } from "./tls-files.ts";
import { undiciUpstream } from "./undici-upstream.ts";

/** `node`: node:http and undici. `llhttp`: sockets, and the parser that both of them are built on. */
export type Transport = "node" | "llhttp";
export const DEFAULT_TRANSPORT: Transport = "llhttp";

export type ClosableUpstream = Upstream & {
  /** Cuts every connection. */
  readonly close: () => Promise<void>;
};

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

export function upstreamOver(transport: Transport): ClosableUpstream {
  return transport === "llhttp" ? llhttpUpstream() : undiciUpstream();
}

export function listenerOver(transport: Transport, options: ListenerOptions): Listener {
  return transport === "llhttp" ? llhttpListener(options) : nodeListener(options);
}
