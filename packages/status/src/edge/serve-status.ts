// Serves a folder of the status page. It knows nothing of controllers, stores or gateways: when all of them are gone it
// still answers, and says that it has heard nothing.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { SlipwayError } from "@slipway/wire";
import { type SiteAnswer, siteAnswer } from "./status-site.ts";
import type { Subscriptions } from "./subscribers/subscriptions.ts";

const CONNECTIONS_MAX = 2_000;
const REQUEST_TIMEOUT_MS = 10_000;
/** Of a form. */
const BODY_BYTES_MAX = 16_384;

export type StatusServing = {
  readonly dir: string;
  /** Port 0 takes any that is free. */
  readonly listen: { readonly host: string; readonly port: number };
  readonly nowMs: () => number;
  /** Readers cannot subscribe where absent. */
  readonly subscriptions?: Subscriptions;
  /** Whether a proxy in front says in x-forwarded-for who asks: its last word counts. */
  readonly isBehindProxy?: boolean;
};

export type RunningStatus = { readonly port: number; readonly close: () => Promise<void> };

/** Throws SlipwayError when it cannot listen. */
export async function serveStatus(serving: StatusServing): Promise<RunningStatus> {
  const { listen, subscriptions } = serving;
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
    answerTo(serving, request).then(
      (answer) => send(request, response, answer),
      (error: unknown) => {
        // Who has left waits for no answer.
        if (request.socket.destroyed) return;
        // Without its query: a reader's token is in it.
        const path = request.url?.split("?", 1)[0] ?? "";
        process.stderr.write(`cannot answer ${path}: ${String(error)}\n`);
        send(request, response, FAILED);
      },
    );
  });
  server.maxConnections = CONNECTIONS_MAX;
  const port = await listening(server, listen);
  const stop = subscriptions?.run();
  return {
    port,
    close: async () => {
      const ended = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await ended;
      await stop?.();
      subscriptions?.close();
    },
  };
}

const FAILED: SiteAnswer = {
  status: 500,
  headers: { "content-type": "text/plain; charset=utf-8" },
  body: "the page's files cannot be read\n",
};

async function answerTo(
  { dir, nowMs, subscriptions, isBehindProxy = false }: StatusServing,
  request: IncomingMessage,
): Promise<SiteAnswer> {
  const { method, url = "/", headers } = request;
  const [path = "/", query = ""] = url.split("#", 1)[0]?.split("?") ?? [];
  const acceptLanguage = headers["accept-language"] ?? "";
  const client = clientOf(request, isBehindProxy);
  const answered = await subscriptions?.answer({
    ...{ path, query, acceptLanguage, client, nowMs: nowMs() },
    method: method ?? "GET",
    body: method === "POST" ? await bodyOf(request) : "",
  });
  if (answered !== undefined && answered !== null) return answered;
  if (method !== "GET" && method !== "HEAD") {
    return { status: 405, headers: { allow: "GET, HEAD" }, body: "" };
  }
  return await siteAnswer(dir, {
    path,
    acceptLanguage,
    subscribes: subscriptions !== undefined,
    ifNoneMatch: headers["if-none-match"] ?? "",
    nowMs: nowMs(),
  });
}

/** Null where it is longer than any form. */
async function bodyOf(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    // Read to its end all the same, within the time of a request: else its sender never hears why.
    if (bytes <= BODY_BYTES_MAX) chunks.push(chunk);
  }
  return bytes > BODY_BYTES_MAX ? null : Buffer.concat(chunks).toString("utf8");
}

function clientOf({ headers, socket }: IncomingMessage, isBehindProxy: boolean): string {
  const forwarded = headers["x-forwarded-for"];
  const last =
    String(forwarded ?? "")
      .split(",")
      .at(-1)
      ?.trim() ?? "";
  return isBehindProxy && last !== "" ? last : (socket.remoteAddress ?? "");
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
