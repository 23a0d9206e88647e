// One connection of a client: requests one after another, each answered before the next is even parsed. What llhttp does
// not accept ends the connection, and so does a client that is too slow to say what it wants.

import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { headerOf } from "../../../headers.ts";
import type { Exchange } from "../../../ports.ts";
import { dialectOf, envelopeOf } from "../../../refusal.ts";
import { DISCARDED_BYTES_MAX } from "../../body-reading.ts";
import type { DataLimits } from "../data-limits.ts";
import { headFault } from "../head-fault.ts";
import type { BeatTime } from "./beat.ts";
import { type Llhttp, MESSAGE } from "./llhttp.ts";
import { type ExchangeOwner, LlhttpExchange } from "./llhttp-exchange.ts";
import { MessageParser } from "./message-parser.ts";
import type { Outbox } from "./outbox.ts";
import { type Piece, writePieces } from "./scratch.ts";

/** What a client still sends after its last answer is read for so long, so that it can read that answer. */
const LINGER_SECONDS_MAX = 5;
/** A connection that has not sent anything yet is not idle before this: its first request may be on its way. */
const FRESH_SECONDS = 2;
/** So much of further requests is kept while one is being answered. Where there is more, none of them is answered. */
const PIPELINED_BYTES_MAX = 512 * 2 ** 10;
/** Beyond the body itself, chunks may take so much, and so much for each byte. Their extensions are not counted by llhttp. */
const FRAMING_BYTES_FREE = 16 * 2 ** 10;
const FRAMING_BYTES_PER_BYTE = 8;

export type ClientEvents = {
  readonly handle: (exchange: Exchange) => void;
  readonly limits: DataLimits;
  readonly outbox: Outbox;
  readonly isClosing: () => boolean;
  /** Connections that wait for a request are of no use any more. */
  readonly closesIdle: () => boolean;
  readonly closed: (connection: ClientConnection) => void;
};

export class ClientConnection implements ExchangeOwner {
  readonly #socket: Socket;
  readonly #isPlain: boolean;
  readonly #parser: MessageParser;
  readonly #beat: BeatTime;
  readonly #events: ClientEvents;
  #exchange: LlhttpExchange | null = null;
  /** Bytes after the request that is being answered. */
  #rest: Buffer | null = null;
  /** There was too much to keep: the answer under way is the last. */
  #isOverrun = false;
  #overrunBytes = 0;
  readonly #headSeconds: number;
  readonly #requestSeconds: number;
  #isParsing = false;
  /** Part of a request has come, and not yet all of it. */
  #isReceiving = false;
  #isFresh = true;
  /** Nothing more is answered; what still comes is thrown away. */
  #isLingering = false;
  #isClosed = false;
  /** Of the request that is coming: everything, and the body alone. */
  #wireBytes = 0;
  #bodyBytes = 0;
  /** When whatever is awaited is too late, on the beat. */
  #deadline: number;

  constructor(socket: Socket, llhttp: Llhttp, beat: BeatTime, events: ClientEvents) {
    this.#socket = socket;
    this.#isPlain = !("encrypted" in socket);
    this.#beat = beat;
    this.#events = events;
    const { headBytesMax, headMsMax, requestMsMax } = events.limits;
    this.#parser = new MessageParser(llhttp, MESSAGE.request, headBytesMax);
    this.#headSeconds = Math.ceil(headMsMax / 1_000);
    this.#requestSeconds = Math.ceil(requestMsMax / 1_000);
    this.#deadline = beat.seconds + this.#headSeconds;
    socket.on("data", (chunk: Buffer) => this.#data(chunk));
    socket.on("drain", () => this.#exchange?.drained());
    socket.on("end", () => this.#ended());
    // Its close follows, and is all that matters here.
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.#closed());
  }

  /** Closes it if it is of no use: once a second, and more often while the gateway closes. */
  check(): void {
    if (this.#beat.seconds >= this.#deadline) this.#expire();
    else if (this.#events.closesIdle() && this.#isIdle) this.#end();
  }

  get #isIdle(): boolean {
    if (this.#exchange !== null || this.#isReceiving || this.#isLingering) return false;
    return (
      !this.#isFresh || this.#beat.seconds > this.#deadline - this.#headSeconds + FRESH_SECONDS
    );
  }

  date(): string {
    return this.#beat.date;
  }

  peer(): string {
    return this.#socket.remoteAddress ?? "";
  }

  isLast(): boolean {
    return this.#isOverrun || this.#events.isClosing();
  }

  send(pieces: readonly Piece[], bytes: number): boolean {
    const socket = this.#socket;
    writePieces(socket, pieces, bytes, this.#isPlain);
    return !socket.writableNeedDrain;
  }

  mayWait(exchange: LlhttpExchange): boolean {
    return this.#events.outbox.takes(exchange);
  }

  answered(exchange: LlhttpExchange): void {
    if (this.#exchange !== exchange) return;
    this.#exchange = null;
    if (!exchange.isKept || this.#isOverrun) {
      this.#end();
      return;
    }
    this.#deadline = this.#beat.seconds + Math.ceil(this.#events.limits.keepAliveMsMax / 1_000);
    const rest = this.#rest;
    if (rest === null || this.#isParsing) return;
    this.#rest = null;
    this.#parse(rest);
  }

  destroy(): void {
    // An answer that only waits for others is an answer all the same.
    this.#exchange?.leaveIfEnded();
    this.#socket.destroy();
    this.#closed();
  }

  #data(chunk: Buffer): void {
    if (this.#isLingering || this.#isClosed) return;
    if (this.#exchange?.isReceived === true) this.#keep(chunk);
    else this.#parse(chunk);
  }

  /** For when the request before has been answered. The client is always read: else it could not be seen to leave. */
  #keep(chunk: Buffer): void {
    const keptBytes = this.#rest?.length ?? 0;
    if (!this.#isOverrun && keptBytes + chunk.length <= PIPELINED_BYTES_MAX) {
      this.#rest = this.#rest === null ? chunk : Buffer.concat([this.#rest, chunk]);
      return;
    }
    this.#isOverrun = true;
    this.#rest = null;
    this.#overrunBytes += chunk.length;
    if (this.#overrunBytes > DISCARDED_BYTES_MAX) this.destroy();
  }

  #parse(chunk: Buffer): void {
    this.#isParsing = true;
    let at = 0;
    while (at < chunk.length && !this.#isLingering && !this.#isClosed) {
      if (this.#exchange?.isReceived === true) {
        this.#keep(chunk.subarray(at));
        break;
      }
      const from = at;
      if (!this.#isReceiving) this.#begin();
      at = this.#parser.run(chunk, from);
      this.#wireBytes += at - from;
      this.#take();
    }
    this.#isParsing = false;
  }

  #begin(): void {
    this.#isFresh = false;
    this.#isReceiving = true;
    this.#wireBytes = 0;
    this.#bodyBytes = 0;
    this.#deadline = this.#beat.seconds + this.#headSeconds;
  }

  /** Hands on what the parser has found. */
  #take(): void {
    const { failure, foundEnd, foundHead, parts } = this.#parser;
    if (foundEnd) this.#isReceiving = false;
    let begun: LlhttpExchange | null = null;
    if (foundHead) {
      this.#wireBytes = 0;
      this.#deadline += this.#requestSeconds - this.#headSeconds;
      begun = this.#newExchange();
      if (begun === null) return;
    }
    const exchange = this.#exchange;
    for (const part of parts) {
      this.#bodyBytes += part.length;
      exchange?.receive(part);
    }
    if (failure !== null) {
      this.#refuse(failure.isTooLarge ? 431 : 400);
      return;
    }
    if (this.#wireBytes > FRAMING_BYTES_FREE + FRAMING_BYTES_PER_BYTE * this.#bodyBytes) {
      this.#refuse(400);
      return;
    }
    if (foundEnd) {
      this.#deadline = Number.POSITIVE_INFINITY;
      exchange?.received();
    }
    if (begun !== null) this.#events.handle(begun);
  }

  /** Null when the request has been refused. */
  #newExchange(): LlhttpExchange | null {
    const { headers, keepsAlive, method, upgrades, url, version } = this.#parser;
    const isModern = version === "1.1";
    if (isModern && headerOf(headers, "host") === null) {
      this.#refuse(400);
      return null;
    }
    const expected = headerOf(headers, "expect");
    if (expected !== null && expected.toLowerCase() !== "100-continue") {
      this.#refuse(417);
      return null;
    }
    const fault = headFault({ target: url, headers, version }, this.#events.limits);
    if (fault !== null) {
      // The answer to a HEAD has no body.
      const json = method === "HEAD" ? null : envelopeOf(fault, dialectOf(url, headers), "");
      this.#refuse(fault.status, json);
      return null;
    }
    // What follows an offer of another protocol may be in that protocol: nothing is read after it.
    const line = { method, path: url, headers, isModern, keepsAlive: keepsAlive && !upgrades };
    const exchange = new LlhttpExchange(line, this);
    this.#exchange = exchange;
    return exchange;
  }

  /** The request cannot be told apart from what follows: it is answered here, and the connection ends. */
  #refuse(status: number, json: string | null = null): void {
    const exchange = this.#exchange;
    this.#exchange = null;
    if (exchange?.hasBegun === true) {
      this.destroy();
    } else {
      this.#socket.write(refusalText(status, json));
      this.#end();
    }
    exchange?.closed();
  }

  /** Sends what is to be sent, and closes. */
  #end(): void {
    if (this.#isLingering || this.#isClosed) return;
    this.#isLingering = true;
    this.#rest = null;
    this.#deadline = this.#beat.seconds + LINGER_SECONDS_MAX;
    this.#socket.end();
    this.#socket.resume();
  }

  #expire(): void {
    if (this.#isReceiving && !this.#isLingering) this.#refuse(408);
    else this.destroy();
  }

  /** The client has left. What it has not been sent by now, nobody waits for. */
  #ended(): void {
    this.#exchange?.leaveIfEnded();
    if (this.#exchange !== null) this.destroy();
  }

  #closed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#rest = null;
    this.#parser.free();
    const exchange = this.#exchange;
    this.#exchange = null;
    this.#events.closed(this);
    exchange?.closed();
  }
}

function refusalText(status: number, json: string | null): string {
  const start = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\n`;
  if (json === null) return `${start}\r\n`;
  const length = Buffer.byteLength(json);
  return `${start}content-type: application/json\r\ncontent-length: ${length}\r\n\r\n${json}`;
}
