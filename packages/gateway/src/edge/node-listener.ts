// Clients' connections over node:http.

import { createServer } from "node:http";
import type { Exchange } from "../ports.ts";
import { HttpExchange } from "./http-exchange.ts";
import type { Listener } from "./transport.ts";

/** Longer than load balancers keep idle connections, so that it is they who close them. */
const KEEP_ALIVE_MS = 75_000;
/** A request's head must come within this, and all of it within the other; its answer may take as long as it takes. */
const HEAD_MS_MAX = 60_000;
const BODY_MS_MAX = 300_000;

export function nodeListener(handle: (exchange: Exchange) => void): Listener {
  let isClosing = false;
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, noDelay: true });
  server.headersTimeout = HEAD_MS_MAX;
  server.requestTimeout = BODY_MS_MAX;
  server.timeout = 0;
  server.on("request", (request, response) => {
    if (isClosing) response.shouldKeepAlive = false;
    handle(new HttpExchange(request, response));
  });
  return {
    server,
    beginClosing: () => {
      isClosing = true;
      server.closeIdleConnections();
    },
    closeIdle: () => server.closeIdleConnections(),
    closeAll: () => server.closeAllConnections(),
  };
}
