// A real HTTP server that speaks the OpenAI API and fails as it is told, and a controller that hands out one table
// and keeps the frames it is sent.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Table } from "@slipway/core";
import type { Frame } from "@slipway/wire";

export type Script =
  | "ok"
  | "reset"
  | "400"
  | "404"
  | "429"
  | "500"
  | "502-html"
  | "empty"
  | "invalid-json"
  | "truncated"
  | "error-event"
  | "stall"
  | "stall-after-first"
  | "echo-length"
  | "slow";

type Seen = {
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly rawHeaders: readonly string[];
  readonly body: string;
};

export type ScriptedUpstream = {
  readonly url: string;
  script: Script;
  /** Text of its answers. */
  readonly says: string;
  readonly seen: readonly Seen[];
  /** Calls whose client left before the answer had ended. */
  aborted: number;
  readonly close: () => Promise<void>;
};

export async function scriptedUpstream(says: string): Promise<ScriptedUpstream> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8");
    request.on("data", (chunk) => {
      body += String(chunk);
    });
    request.on("end", () => {
      const { headers, rawHeaders, url = "" } = request;
      seen.push({ url, headers, rawHeaders, body });
      response.on("close", () => {
        if (!response.writableEnded) upstream.aborted++;
      });
      answer(upstream, response, url, body);
    });
  });
  const port = await listening(server);
  const upstream: ScriptedUpstream = {
    url: `http://127.0.0.1:${port}/v1`,
    script: "ok",
    says,
    seen,
    aborted: 0,
    close: () => closed(server),
  };
  return upstream;
}

const JSON_TYPE = { "content-type": "application/json" };
const STREAM_TYPE = { "content-type": "text/event-stream" };

function answer(
  upstream: ScriptedUpstream,
  response: ServerResponse,
  url: string,
  body: string,
): void {
  const streamed =
    (JSON.parse(body.startsWith("{") ? body : "{}") as { stream?: boolean }).stream === true;
  const error = (status: number): void => {
    response.writeHead(status, status === 429 ? { ...JSON_TYPE, "retry-after": "7" } : JSON_TYPE);
    response.end(
      JSON.stringify({ error: { message: `scripted ${status}`, type: "x", code: null } }),
    );
  };
  switch (upstream.script) {
    case "ok":
      answerWell(upstream, response, url, streamed);
      break;
    case "reset":
      response.socket?.resetAndDestroy();
      break;
    case "400":
    case "404":
    case "429":
    case "500":
      error(Number(upstream.script));
      break;
    case "502-html":
      response.writeHead(502, { "content-type": "text/html" });
      response.end("<html>bad gateway</html>");
      break;
    case "echo-length":
      response.writeHead(200, JSON_TYPE);
      response.end(JSON.stringify({ object: "list", length: Buffer.byteLength(body) }));
      break;
    case "slow":
      setTimeout(() => answerWell(upstream, response, url, streamed), 300);
      break;
    default:
      answerBadly(upstream, response, streamed);
  }
}

function answerWell(
  upstream: ScriptedUpstream,
  response: ServerResponse,
  url: string,
  streamed: boolean,
): void {
  if (streamed) {
    response.writeHead(200, STREAM_TYPE);
    for (const word of upstream.says.split(" ")) response.write(event(url, word));
    response.write(
      `data: ${JSON.stringify({ choices: [], usage: { prompt_tokens: 7, completion_tokens: 2 } })}\n\n`,
    );
    response.end("data: [DONE]\n\n");
    return;
  }
  response.writeHead(200, JSON_TYPE);
  response.end(whole(url, upstream.says));
}

function answerBadly(
  upstream: ScriptedUpstream,
  response: ServerResponse,
  streamed: boolean,
): void {
  const first = streamed ? event("/v1/chat/completions", "half") : '{"id":"1","choices":[{"te';
  switch (upstream.script) {
    case "empty":
      response.writeHead(200, streamed ? STREAM_TYPE : JSON_TYPE);
      response.end();
      break;
    case "invalid-json":
      response.writeHead(200, JSON_TYPE);
      response.end('{"id": oops}');
      break;
    case "truncated":
      response.writeHead(200, streamed ? STREAM_TYPE : { ...JSON_TYPE, "content-length": "500" });
      response.write(first);
      setTimeout(() => response.destroy(), 20);
      break;
    case "error-event":
      response.writeHead(200, streamed ? STREAM_TYPE : JSON_TYPE);
      if (streamed) {
        response.write(first);
        response.end('data: {"error":{"message":"engine died","code":500}}\n\ndata: [DONE]\n\n');
      } else {
        response.end('{"error":{"message":"engine died","code":500}}');
      }
      break;
    case "stall-after-first":
      response.writeHead(200, streamed ? STREAM_TYPE : JSON_TYPE);
      response.write(first);
      break;
    default: // "stall": it never answers.
  }
}

function event(url: string, word: string): string {
  const choice = url.includes("/chat/")
    ? { index: 0, delta: { content: word } }
    : { index: 0, text: word };
  const object = url.includes("/chat/") ? "chat.completion.chunk" : "text_completion";
  return `data: ${JSON.stringify({ id: "1", object, model: "m", created: 1, choices: [choice] })}\n\n`;
}

function whole(url: string, says: string): string {
  const isChat = url.includes("/chat/");
  const choice = isChat
    ? { index: 0, message: { role: "assistant", content: says }, finish_reason: "stop" }
    : { index: 0, text: says, finish_reason: "stop" };
  const usage = { prompt_tokens: 7, completion_tokens: 2, total_tokens: 9 };
  const object = isChat ? "chat.completion" : "text_completion";
  return JSON.stringify({ id: "1", object, model: "m", created: 1, choices: [choice], usage });
}

export type FakeController = {
  readonly url: string;
  readonly frames: readonly Frame[];
  /** `authorization` of every call, in order. */
  readonly authorizations: readonly (string | undefined)[];
  /** Table streams that have been opened so far. */
  streams: number;
  /** Sends a newer table to every gateway. */
  readonly publish: (table: Table) => void;
  /** Cuts the table streams that are open. */
  readonly dropStreams: () => void;
  leaseMs: number;
  /** What frames are answered with; 200 acknowledges them. */
  frameStatus: number;
  /** While false, every call fails. */
  isUp: boolean;
  readonly close: () => Promise<void>;
};

export async function fakeController(table: Table): Promise<FakeController> {
  let current = table;
  const frames: Frame[] = [];
  const authorizations: (string | undefined)[] = [];
  const followers = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    authorizations.push(request.headers.authorization);
    if (!controller.isUp) {
      response.socket?.destroy();
    } else if (request.url === "/v1/link/table") {
      response.writeHead(200, { "content-type": "application/x-ndjson" });
      response.write(`${JSON.stringify(current)}\n`);
      followers.add(response);
      controller.streams++;
      response.on("close", () => followers.delete(response));
    } else {
      let body = "";
      request.on("data", (chunk) => {
        body += String(chunk);
      });
      request.on("end", () => {
        const frame = JSON.parse(body) as Frame;
        frames.push(frame);
        const { sequence } = frame;
        const { leaseMs } = controller;
        const { storeId, number } = current;
        response.writeHead(controller.frameStatus, JSON_TYPE);
        const fleet = { members: 1, rank: 0 };
        const nowMs = Date.now();
        response.end(
          JSON.stringify({ sequence, leaseMs, nowMs, storeId, table: number, ...fleet }),
        );
      });
    }
  });
  const port = await listening(server);
  const controller: FakeController = {
    url: `http://127.0.0.1:${port}`,
    frames,
    authorizations,
    streams: 0,
    publish: (next) => {
      current = next;
      for (const follower of followers) follower.write(`\n${JSON.stringify(next)}\n`);
    },
    dropStreams: () => {
      for (const follower of followers) follower.destroy();
    },
    leaseMs: 60_000,
    frameStatus: 200,
    isUp: true,
    close: () => closed(server),
  };
  return controller;
}

function listening(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/** A port on which nothing listens. */
export async function deadPort(): Promise<number> {
  const server = createServer();
  const port = await listening(server);
  await closed(server);
  return port;
}
