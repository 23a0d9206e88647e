// The data port: clients' requests go to the gateway; `/healthz` and `/metrics` are answered here.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { SlipwayError } from "@slipway/wire";
import type { Gateway } from "../gateway.ts";
import { HttpExchange } from "./http-exchange.ts";

/** Longer than load balancers keep idle connections, so that it is they who close them. */
const KEEP_ALIVE_MS = 75_000;
/** A request's head must come within this, and all of it within the other; its answer may take as long as it takes. */
const HEAD_MS_MAX = 60_000;
const BODY_MS_MAX = 300_000;
const CLOSE_IDLE_EVERY_MS = 100;

export type DataServer = {
  readonly port: number;
  /** Takes no new connections, and ends each one with its answer. */
  readonly stopAccepting: () => void;
  /** Cuts what is left. */
  readonly close: () => Promise<void>;
};

export type DataServerOptions = {
  readonly host: string;
  readonly port: number;
  /** Prometheus text over all workers of this gateway. */
  readonly metricsText: () => Promise<string>;
};

export async function serveData(gateway: Gateway, options: DataServerOptions): Promise<DataServer> {
  let isClosing = false;
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, noDelay: true });
  server.headersTimeout = HEAD_MS_MAX;
  server.requestTimeout = BODY_MS_MAX;
  server.timeout = 0;
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    if (isClosing) response.shouldKeepAlive = false;
    if (request.url === "/healthz") answerHealth(gateway, response);
    else if (request.url === "/metrics") answerMetrics(options.metricsText, response);
    else gateway.handle(new HttpExchange(request, response));
  });
  await listen(server, options);
  let closingIdle: NodeJS.Timeout | null = null;
  return {
    port: (server.address() as AddressInfo).port,
    stopAccepting: () => {
      isClosing = true;
      server.close();
      server.closeIdleConnections();
      closingIdle ??= setInterval(() => server.closeIdleConnections(), CLOSE_IDLE_EVERY_MS);
    },
    close: () => {
      if (closingIdle !== null) clearInterval(closingIdle);
      return closed(server);
    },
  };
}

function listen(server: Server, options: DataServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => reject(cannotListen(options, error)));
    server.listen(options.port, options.host, resolve);
  });
}

function cannotListen(options: DataServerOptions, error: Error): SlipwayError {
  return new SlipwayError({
    code: "cannot_listen",
    status: 500,
    message: `the gateway cannot listen on ${options.host}:${options.port}: ${error.message}`,
    fix: "Choose another port, or stop what is listening there.",
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function answerHealth(gateway: Gateway, response: ServerResponse): void {
  const { diverted, isClosed, leaseMs, table } = gateway.snapshot();
  const isReady = table !== null && !isClosed;
  const status = table === null ? "no table yet" : isClosed ? "closing" : "ok";
  const body = { status, table, leaseMs: Math.round(leaseMs), diverted };
  response.writeHead(isReady ? 200 : 503, { "content-type": "application/json" });
  response.end(`${JSON.stringify(body)}\n`);
}

function answerMetrics(metricsText: () => Promise<string>, response: ServerResponse): void {
  metricsText().then(
    (text) => {
      response.writeHead(200, { "content-type": "text/plain; version=0.0.4; charset=utf-8" });
      response.end(text);
    },
    (error: unknown) => {
      response.writeHead(500, { "content-type": "text/plain; charset=utf-8" });
      response.end(`metrics could not be gathered: ${String(error)}\n`);
    },
  );
}
