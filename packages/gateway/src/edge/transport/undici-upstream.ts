// Calls to upstreams through undici's Pool.dispatch: one pool an origin, no pipelining, no timeouts of its own.
// The gateway has admitted a request before it comes here, so nothing ever waits in these pools for long.

import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { Socket } from "node:net";
import { type Dispatcher, Pool } from "undici";
import type { Call, Sink, UpstreamFailure, UpstreamRequest } from "../../ports.ts";
import type { ClosableUpstream } from "./closable-upstream.ts";
import { verification } from "./tls-files.ts";

const CONNECTIONS_PER_ORIGIN_MAX = 4_096;
const CONNECT_MS_MAX = 5_000;
/** Below the 5 s after which common model servers close an idle connection. */
const IDLE_MS_MAX = 4_000;
const ORIGINS_MAX = 1_024;
/** A connection that had been closed before is found out this soon after sending; later, the upstream was at work. */
const STALE_MS_MAX = 250;
const PARSER_ERROR = "HTTPParserError";
const PROTOCOL_CODES: ReadonlySet<string> = new Set([
  "UND_ERR_HEADERS_OVERFLOW",
  "UND_ERR_RES_CONTENT_LENGTH_MISMATCH",
]);
/** Where undici tells of each request that it writes, and on which connection. */
const SENDING = "undici:client:sendHeaders";

type Base = {
  readonly pool: Pool;
  /** For requests that must not go out on a kept connection: it keeps none. */
  readonly freshPool: Pool;
  readonly prefix: string;
};

export function undiciUpstream(originsMax: number = ORIGINS_MAX): ClosableUpstream {
  const bases = new Map<string, Base>();
  const pools = new Map<string, Pool>();
  const retired = new Set<Pool>();
  const heard: HeardBytes = new Map();
  const sending = (message: unknown): void => {
    const { socket } = message as { readonly socket: Socket };
    heard.set(connectionOf(socket.localPort, socket.remotePort), socket.bytesRead);
  };
  subscribe(SENDING, sending);
  const forgetAll = (): void => {
    for (const pool of pools.values()) {
      retired.add(pool);
      // Ends once what is under way there has ended; or is cut below.
      pool.close(() => retired.delete(pool));
    }
    bases.clear();
    pools.clear();
  };
  const poolOf = (origin: string, caFile: string | null, pipelining: 0 | 1): Pool => {
    const name = `${origin} ${pipelining} ${caFile}`;
    const pool = pools.get(name) ?? newPool(origin, caFile, pipelining);
    pools.set(name, pool);
    return pool;
  };
  const baseOf = (request: UpstreamRequest): Base => {
    const { baseUrl } = request;
    const caFile = request.caFile ?? null;
    const name = caFile === null ? baseUrl : `${baseUrl}\n${caFile}`;
    const known = bases.get(name);
    if (known !== undefined) return known;
    const url = new URL(baseUrl);
    if (bases.size >= originsMax) forgetAll();
    const prefix = url.pathname === "/" ? "" : url.pathname;
    const base = {
      pool: poolOf(url.origin, caFile, 1),
      freshPool: poolOf(url.origin, caFile, 0),
      prefix,
    };
    bases.set(name, base);
    return base;
  };
  return {
    send: (request, sink) => {
      const call = new UndiciCall(sink, heard);
      let base: Base;
      try {
        base = baseOf(request);
      } catch (error) {
        call.onResponseError(null, error instanceof Error ? error : new Error(String(error)));
        return call;
      }
      const { freshPool, pool, prefix } = base;
      (request.fresh === true ? freshPool : pool).dispatch(optionsOf(request, prefix), call);
      return call;
    },
    close: async () => {
      unsubscribe(SENDING, sending);
      await Promise.all([...pools.values(), ...retired].map((pool) => pool.destroy()));
    },
  };
}

/** With a pipelining of 1 connections are kept, one request at a time; with 0 each request has its own. */
function newPool(origin: string, caFile: string | null, pipelining: 0 | 1): Pool {
  return new Pool(origin, {
    connections: CONNECTIONS_PER_ORIGIN_MAX,
    pipelining,
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: IDLE_MS_MAX,
    connect: { timeout: CONNECT_MS_MAX, ...verification(caFile) },
    allowH2: false,
  });
}

function optionsOf(request: UpstreamRequest, prefix: string): Dispatcher.DispatchOptions {
  return {
    method: request.method,
    path: prefix + request.path,
    headers: request.headers as string[],
    body: request.body.length === 0 ? null : request.body,
  };
}

/** Bytes that connections had given when their newest request was sent. One entry for each pair of ports at most. */
type HeardBytes = Map<number, number>;

function connectionOf(localPort = 0, remotePort = 0): number {
  return localPort * 2 ** 16 + remotePort;
}

class UndiciCall implements Call, Dispatcher.DispatchHandler {
  readonly #sink: Sink;
  readonly #heard: HeardBytes;
  #controller: Dispatcher.DispatchController | null = null;
  #isAborted = false;
  #startedMs = Number.NEGATIVE_INFINITY;
  #wasHeard = false;

  constructor(sink: Sink, heard: HeardBytes) {
    this.#sink = sink;
    this.#heard = heard;
  }

  abort(): void {
    this.#isAborted = true;
    this.#controller?.abort(new Error("the gateway ended the call"));
  }

  resume(): void {
    this.#controller?.resume();
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    this.#startedMs = performance.now();
    if (this.#isAborted) controller.abort(new Error("the gateway ended the call"));
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    this.#wasHeard = true;
    if (this.#isAborted || (status >= 100 && status < 200)) return;
    if (status < 100) {
      // RFC 9110, 15: there are none below 100. undici takes it for an interim answer, and would wait for another.
      this.abort();
      this.#sink.onError({ kind: "protocol", message: `its status is ${status}` });
      return;
    }
    this.#sink.onHead(status, textHeaders(controller.rawHeaders));
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#isAborted) return;
    if (!this.#sink.onData(chunk)) controller.pause();
  }

  onResponseEnd(): void {
    if (!this.#isAborted) this.#sink.onEnd();
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    if (this.#isAborted) return;
    this.#isAborted = true;
    const isFirstWord = !this.#wasHeard && performance.now() - this.#startedMs < STALE_MS_MAX;
    this.#sink.onError(
      failureOf(error, this.#controller !== null, isFirstWord && isKept(error, this.#heard)),
    );
  }
}

/** Raw headers come as bytes, in pairs. */
function textHeaders(raw: Dispatcher.DispatchController["rawHeaders"]): string[] {
  if (!Array.isArray(raw)) return [];
  const headers: string[] = [];
  for (const part of raw) {
    headers.push(typeof part === "string" ? part : part.toString("latin1"));
  }
  return headers;
}

function failureOf(error: Error, wasStarted: boolean, isStale: boolean): UpstreamFailure {
  const { code } = error as { readonly code?: string };
  const message = code === undefined ? error.message : `${code}: ${error.message}`;
  // The parser's own errors have no code where its WebAssembly has given a reason.
  const isProtocol = error.name === PARSER_ERROR || PROTOCOL_CODES.has(code ?? "");
  return {
    kind: isProtocol ? "protocol" : "connect",
    message,
    ...(wasStarted ? {} : { unsent: true as const }),
    ...(wasStarted && isStale ? { stale: true as const } : {}),
  };
}

/** The connection had carried an answer before, and not a byte since: it was kept, and the upstream has closed it. */
function isKept(error: Error, heard: HeardBytes): boolean {
  const { socket } = error as { readonly socket?: SocketFacts };
  if (socket === undefined || socket.bytesRead === 0) return false;
  return heard.get(connectionOf(socket.localPort, socket.remotePort)) === socket.bytesRead;
}

type SocketFacts = Pick<Socket, "bytesRead" | "localPort" | "remotePort">;
