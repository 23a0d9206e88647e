// Which code carries requests and answers over sockets. Both do the same, by the same tests.

import type { ClosableUpstream } from "./closable-upstream.ts";
import type { Listener, ListenerOptions } from "./listener.ts";
import { llhttpListener } from "./llhttp/llhttp-listener.ts";
import { llhttpUpstream } from "./llhttp/llhttp-upstream.ts";
import { nodeListener } from "./node-listener.ts";
import { undiciUpstream } from "./undici-upstream.ts";

/** `node`: node:http and undici. `llhttp`: sockets, and the parser that both of them are built on. */
export type Transport = "node" | "llhttp";
export const DEFAULT_TRANSPORT: Transport = "llhttp";

export function upstreamOver(transport: Transport): ClosableUpstream {
  return transport === "llhttp" ? llhttpUpstream() : undiciUpstream();
}

export function listenerOver(transport: Transport, options: ListenerOptions): Listener {
  return transport === "llhttp" ? llhttpListener(options) : nodeListener(options);
}
