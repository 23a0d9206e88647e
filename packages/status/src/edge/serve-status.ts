// Serves a folder of the status page. It knows nothing of controllers, stores or gateways: when all of them are gone it
// still answers, and says that it has heard nothing.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { SlipwayError } from "@slipway/wire";
import { type SiteAnswer, siteAnswer } from "./status-site.ts";

const CONNECTIONS_MAX = 2_000;
const REQUEST_TIMEOUT_MS = 10_000;

export type StatusServing = {
  readonly dir: string;
  /** Port 0 takes any that is free. */
  readonly listen: { readonly host: string; readonly port: number };
  readonly nowMs: () => number;
};

export type RunningStatus = { readonly port: number; readonly close: () => Promise<void> };

/** Throws SlipwayError when it cannot listen. */
export async function serveStatus(serving: StatusServing): Promise<RunningStatus> {
  const { dir, listen, nowMs } = serving;
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
    answerTo(dir, request, nowMs()).then(
      (answer) => send(request, response, answer),
      (error: unknown) => {
        process.stderr.write(`cannot answer ${request.url}: ${String(error)}\n`);
        send(request, response, FAILED);
      },
    );
  });
  server.maxConnections = CONNECTIONS_MAX;
  const port = await listening(server, listen);
  return {
    port,
    close: async () => {
      const ended = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await ended;
    },
  };
}

const FAILED: SiteAnswer = {
  status: 500,
  headers: { "content-type": "text/plain; charset=utf-8" },
  body: "the page's files cannot be read\n",
};

async function answerTo(
  dir: string,
  { method, url = "/", headers }: IncomingMessage,
  nowMs: number,
): Promise<SiteAnswer> {
  if (method !== "GET" && method !== "HEAD") {
    return { status: 405, headers: { allow: "GET, HEAD" }, body: "" };
  }
  return await siteAnswer(dir, {
    path: url.split(/[?#]/, 1)[0] ?? "/",
    acceptLanguage: headers["accept-language"] ?? "",
    ifNoneMatch: headers["if-none-match"] ?? "",
    nowMs,
  });
}

function send(
  { method }: IncomingMessage,
  response: ServerResponse,
  { status, headers, body }: SiteAnswer,
): void {
  const length = status === 304 ? {} : { "content-length": Buffer.byteLength(body) };
  response.writeHead(status, { ...headers, ...length });
  response.end(method === "HEAD" ? undefined : body);
}

async function listening(server: Server, { host, port }: StatusServing["listen"]): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(
        new SlipwayError({
          status: 500,
          code: error.code === "EADDRINUSE" ? "port_taken" : "cannot_listen",
          message: `cannot listen on ${host}:${port}: ${error.message}`,
          fix: "stop what listens there, or name another address and port",
        }),
      ),
    );
    server.listen(port, host, resolve);
  });
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : port;
}
