// One connection to an upstream: one call at a time, and kept for the next one when the answer has ended well. What it
// hears comes from llhttp; whatever does not fit ends the connection, and with it the call.

import { isIP, connect as netConnect, type Socket } from "node:net";
import { connect as tlsConnect } from "node:tls";
import type { UpstreamFailure } from "../../../ports.ts";
import type { Verification } from "../tls-files.ts";
import { type Llhttp, MESSAGE } from "./llhttp.ts";
import { MessageParser } from "./message-parser.ts";
import { writePieces } from "./scratch.ts";
import type { UpstreamCall } from "./upstream-call.ts";

const CONNECT_MS_MAX = 5_000;
const TCP_KEEP_ALIVE_MS = 60_000;
/** A connection that had been closed before is found out this soon after sending; later, the upstream was at work. */
const STALE_MS_MAX = 250;

export type Origin = {
  readonly isSecure: boolean;
  readonly host: string;
  readonly port: number;
  readonly verification: Verification;
};

/** Whoever owns connections hears of this. */
export type ConnectionOwner = {
  /** Its call has ended well, and it may carry another. */
  readonly released: (connection: UpstreamConnection) => void;
  /** It is of no use any more. */
  readonly closed: (connection: UpstreamConnection) => void;
};

export class UpstreamConnection {
  readonly #socket: Socket;
  readonly #isPlain: boolean;
  readonly #parser: MessageParser;
  readonly #owner: ConnectionOwner;
  #connectTimer: NodeJS.Timeout | null;
  #call: UpstreamCall | null;
  #error: Error | null = null;
  #answers = 0;
  #isClosed = false;
  #isPaused = false;
  /** Monotonic time since when it has had nothing to do. */
  idleSinceMs = 0;

  /** Connects, and sends `call` when it has. */
  constructor(origin: Origin, llhttp: Llhttp, owner: ConnectionOwner, call: UpstreamCall) {
    this.#owner = owner;
    this.#call = call;
    this.#isPlain = !origin.isSecure;
    call.connection = this;
    this.#parser = new MessageParser(llhttp, MESSAGE.response);
    const socket = socketTo(origin, (bytes, buffer) => this.#data(buffer.subarray(0, bytes)));
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.setKeepAlive(true, TCP_KEEP_ALIVE_MS);
    this.#connectTimer = setTimeout(
      () => this.#close(new Error(`no connection within ${CONNECT_MS_MAX} ms`)),
      CONNECT_MS_MAX,
    );
    socket.on(origin.isSecure ? "secureConnect" : "connect", () => this.#connected());
    socket.on("end", () => this.#ended());
    socket.on("error", (error: Error) => this.#close(error));
    socket.on("close", () => this.#close(null));
  }

  /** Only when it has been released. */
  send(call: UpstreamCall): void {
    this.#call = call;
    call.connection = this;
    call.sentMs = performance.now();
    this.#parser.skipsBody = call.isHead;
    const { body, head } = call;
    const pieces = body.length === 0 ? [head] : [head, body];
    writePieces(this.#socket, pieces, head.length + body.length, this.#isPlain);
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#socket.resume();
  }

  /** Cuts it; its call hears nothing more. */
  destroy(): void {
    this.#call = null;
    this.#close(null);
  }

  #connected(): void {
    this.#stopConnecting();
    if (this.#call !== null) this.send(this.#call);
  }

  #data(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length && !this.#isClosed) {
      const call = this.#call;
      // Nothing was asked: this would be taken for the next call's answer.
      if (call === null || call.sentMs === null) {
        this.#close(new ProtocolError("it answered before it was asked"));
        return;
      }
      at = this.#parser.run(chunk, at);
      this.#tell(call, at === chunk.length);
      if (this.#call === null) return;
    }
  }

  /** Tells a call what the parser has found. */
  #tell(call: UpstreamCall, isAllConsumed: boolean): void {
    call.isHeard = true;
    const { failure, foundEnd, foundHead, headers, parts, status } = this.#parser;
    if (foundHead && status === 101) {
      this.#close(new ProtocolError("it changed to another protocol, which nobody had asked for"));
      return;
    }
    // RFC 9110, 15: there are none below 100.
    if (foundHead && status < 100) {
      this.#close(new ProtocolError(`its status is ${status}`));
      return;
    }
    if (foundHead && status >= 200) call.sink.onHead(status, headers);
    for (const part of parts) {
      // The sink may have ended the call meanwhile.
      if (this.#call !== call) return;
      if (!call.sink.onData(Buffer.from(part))) this.#pause();
    }
    if (this.#call !== call) return;
    if (failure !== null) this.#close(new ProtocolError(failure.message));
    else if (foundEnd && status >= 200) this.#endAnswer(call, isAllConsumed);
  }

  #endAnswer(call: UpstreamCall, isAllConsumed: boolean): void {
    this.#call = null;
    this.#answers++;
    call.isOver = true;
    call.connection = null;
    if (isAllConsumed && this.#isReusable()) this.#release();
    else this.#close(null);
    call.sink.onEnd();
  }

  /** Not where something might still follow the answer. */
  #isReusable(): boolean {
    const { headers, keepsAlive, skipsBody, status } = this.#parser;
    if (!keepsAlive) return false;
    return skipsBody || (status !== 204 && status !== 304) || !announcesBody(headers);
  }

  /**
   * Not while the request is still being sent. TLS says that it has been sent a turn later than the system took it: an
   * answer from near by is here before that.
   */
  #release(): void {
    if (this.#socket.writableLength === 0) this.#released();
    else if (this.#isPlain) this.#close(null);
    else setImmediate(releaseIfSent, this);
  }

  releaseIfSent(): void {
    if (this.#isClosed) return;
    if (this.#socket.writableLength === 0) this.#released();
    else this.#close(null);
  }

  #released(): void {
    this.resume();
    this.idleSinceMs = performance.now();
    this.#owner.released(this);
  }

  #pause(): void {
    this.#isPaused = true;
    this.#socket.pause();
  }

  /** The upstream has closed: that ends an answer that has no other end. */
  #ended(): void {
    const call = this.#call;
    if (call?.isHeard === true && this.#parser.finish()) this.#tell(call, false);
    this.#close(null);
  }

  #close(error: Error | null): void {
    this.#error ??= error;
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#stopConnecting();
    this.#socket.destroy();
    this.#parser.free();
    this.#owner.closed(this);
    const call = this.#call;
    this.#call = null;
    call?.fail(this.#failureOf(call));
  }

  #failureOf(call: UpstreamCall): UpstreamFailure {
    const error = this.#error;
    const { code } = (error ?? {}) as { readonly code?: string };
    const message = error?.message ?? "the upstream closed the connection";
    const sinceMs = call.sentMs === null ? null : performance.now() - call.sentMs;
    const isStale =
      sinceMs !== null && sinceMs < STALE_MS_MAX && !call.isHeard && this.#answers > 0;
    return {
      kind: error instanceof ProtocolError ? "protocol" : "connect",
      message: code === undefined || message.includes(code) ? message : `${code}: ${message}`,
      ...(sinceMs === null ? { unsent: true as const } : {}),
      ...(isStale ? { stale: true as const } : {}),
    };
  }

  #stopConnecting(): void {
    if (this.#connectTimer !== null) clearTimeout(this.#connectTimer);
    this.#connectTimer = null;
  }
}

function releaseIfSent(connection: UpstreamConnection): void {
  connection.releaseIfSent();
}

/** What came was not HTTP, or not what was asked for. */
class ProtocolError extends Error {}

/** All connections read into it, one after the other: what is to last longer than the call that is told of it is copied. */
const INPUT: Buffer = Buffer.allocUnsafeSlow(64 * 2 ** 10);

/** A certificate is always verified, whatever the environment says. `read` hears how much of the buffer is filled. */
function socketTo(
  { host, isSecure, port, verification }: Origin,
  read: (bytes: number, buffer: Buffer) => void,
): Socket {
  const onread = {
    buffer: INPUT,
    callback: (bytes: number) => {
      read(bytes, INPUT);
      // False would stop the reading.
      return true;
    },
  };
  if (!isSecure) return netConnect({ host, port, onread });
  const named = isIP(host) === 0 ? { servername: host } : {};
  // The types of tls.connect do not know of `onread`; its documentation does.
  const options = { host, port, ...named, ...verification, ALPNProtocols: ["http/1.1"], onread };
  return tlsConnect(options);
}

/** The head speaks of a body where its status allows none. */
function announcesBody(headers: readonly string[]): boolean {
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i]?.toLowerCase();
    if (name === "transfer-encoding") return true;
    if (name === "content-length" && headers[i + 1] !== "0") return true;
  }
  return false;
}
