// Clients' connections over node:http.

import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from "node:http";
import { createServer as createSecureServer } from "node:https";
import { Server as NetServer, type Socket } from "node:net";
import { dialectOf, envelopeOf, type Refusal } from "../../refusal.ts";
import { checkEveryMs, type DataLimits } from "./data-limits.ts";
import { headFault } from "./head-fault.ts";
import { HttpExchange } from "./http-exchange.ts";
import type { Listener, ListenerOptions } from "./listener.ts";
import { readTls, type TlsFiles } from "./tls-files.ts";

export function nodeListener({ handle, limits, tls }: ListenerOptions): Listener {
  let isClosing = false;
  /** Connections that are being ended for what was sent on them. */
  const faulty = new WeakSet<Socket>();
  const { server, reload } = limitedServer(limits, tls);
  const take = (request: IncomingMessage, response: ServerResponse, isAwaiting: boolean): void => {
    if (isClosing) response.shouldKeepAlive = false;
    // Whatever follows a fault on a connection may be anything.
    if (faulty.has(request.socket)) return;
    const { httpVersion: version, rawHeaders: headers, url: target = "" } = request;
    const fault = headFault({ target, headers, version }, limits);
    if (fault === null) {
      if (isAwaiting) sayContinue(response);
      handle(new HttpExchange(request, response));
    } else {
      faulty.add(request.socket);
      refuseHead(request, response, fault);
    }
  };
  server.on("request", (request, response) => take(request, response, false));
  server.on("checkContinue", (request, response) => take(request, response, true));
  return {
    server,
    beginClosing: () => {
      isClosing = true;
      // node:http's own would also cut the connections that are idle just now.
      NetServer.prototype.close.call(server);
    },
    closeIdle: () => server.closeIdleConnections(),
    closeAll: () => server.closeAllConnections(),
    reload,
  };
}

type LimitedServer = { readonly server: Server; readonly reload: () => void };

function limitedServer(limits: DataLimits, tls: TlsFiles | null): LimitedServer {
  const settings: ServerOptions = {
    maxHeaderSize: limits.headBytesMax,
    keepAliveTimeout: limits.keepAliveMsMax,
    headersTimeout: limits.headMsMax,
    requestTimeout: limits.requestMsMax,
    connectionsCheckingInterval: checkEveryMs(limits),
    noDelay: true,
  };
  const secure = tls === null ? null : createSecureServer({ ...settings, ...readTls(tls) });
  const server = secure ?? createServer(settings);
  // Counted by the gateway itself: beyond its own limit node:http leaves header fields out.
  server.maxHeadersCount = 0;
  server.maxConnections = limits.connectionsMax;
  // An answer may take as long as it takes.
  server.timeout = 0;
  const reload = (): void => {
    if (secure !== null && tls !== null) secure.setSecureContext(readTls(tls));
  };
  return { server, reload };
}

/** When it is this request's turn on its connection: node:http would write what it is told before that into the answer. */
function sayContinue(response: ServerResponse): void {
  const say = (): void => {
    if (!response.headersSent) response.writeContinue();
  };
  if (response.socket === null) response.once("socket", say);
  else say();
}

function refuseHead(request: IncomingMessage, response: ServerResponse, refusal: Refusal): void {
  const body = envelopeOf(refusal, dialectOf(request.url ?? "", request.rawHeaders), "");
  const headers = {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
    connection: "close",
  };
  response.writeHead(refusal.status, headers);
  response.end(body, () => request.destroy());
}
