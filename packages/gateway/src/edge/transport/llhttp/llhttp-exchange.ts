// One request on a connection that llhttp reads, as the gateway's path sees it: its body as it comes, and its answer,
// which leaves in as few writes as it can.

import { headerOf } from "../../../headers.ts";
import type { Exchange, RawHeaders } from "../../../ports.ts";
import { BodyReading, DISCARDED_BYTES_MAX, type FailReading } from "../../body-reading.ts";
import { answerHead, type Framing, framingOf } from "./head-text.ts";
import type { Outgoing } from "./outbox.ts";
import type { Piece } from "./scratch.ts";

/** So much may wait to be sent before the path is asked to wait. */
const WAITING_BYTES_MAX = 64 * 2 ** 10;

/** The connection, as its exchange needs it. */
export type ExchangeOwner = {
  /** For the Date header. */
  readonly date: () => string;
  /** No other request is to come on this connection. */
  readonly isLast: () => boolean;
  /** False: wait for `drained`. `bytes` is the length of all pieces. */
  readonly send: (pieces: readonly Piece[], bytes: number) => boolean;
  /** True: it is called to `leave` at the end of the turn. */
  readonly mayWait: (exchange: LlhttpExchange) => boolean;
  readonly answered: (exchange: LlhttpExchange) => void;
  readonly destroy: () => void;
  /** Address of the other end. */
  readonly peer: () => string;
};

export type RequestLine = {
  readonly method: string;
  readonly path: string;
  readonly headers: RawHeaders;
  /** It speaks at least HTTP/1.1. */
  readonly isModern: boolean;
  readonly keepsAlive: boolean;
};

const LAST_CHUNK = "0\r\n\r\n";
const CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n";
const NO_BYTES = new Uint8Array(0);

export class LlhttpExchange implements Exchange, Outgoing {
  readonly method: string;
  readonly path: string;
  readonly headers: RawHeaders;
  readonly #line: RequestLine;
  readonly #owner: ExchangeOwner;
  /** Parts of the body that came before anybody read it. */
  #parts: Uint8Array[] = [];
  #receivedBytes = 0;
  #receivedBytesMax = DISCARDED_BYTES_MAX;
  #isReceived = false;
  #reading: BodyReading | null = null;
  #framing: Framing | null = null;
  /** Bytes that the answer still owes, where it has told its length. */
  #owedBytes = 0;
  #isKept = false;
  #waiting: Piece[] = [];
  #waitingBytes = 0;
  #isFlushPlanned = false;
  /** It leaves at the end of the turn, with the answers on other connections. */
  #isWaiting = false;
  #isBlocked = false;
  #isEnded = false;
  #isClosed = false;
  #onDrain: (() => void)[] | null = null;
  #onClosed: (() => void)[] | null = null;

  constructor(line: RequestLine, owner: ExchangeOwner) {
    this.#line = line;
    this.#owner = owner;
    this.method = line.method;
    this.path = line.path;
    this.headers = line.headers;
  }

  /** Looked up only by who asks. */
  get peer(): string {
    return this.#owner.peer();
  }

  /** The whole request has come. */
  get isReceived(): boolean {
    return this.#isReceived;
  }

  get hasBegun(): boolean {
    return this.#framing !== null;
  }

  /** After it the connection may carry another request; known when the answer has begun. */
  get isKept(): boolean {
    return this.#isKept;
  }

  /** Part of the body has come. */
  receive(part: Uint8Array): void {
    this.#receivedBytes += part.length;
    if (this.#receivedBytes > this.#receivedBytesMax) this.#owner.destroy();
    else if (this.#reading !== null) this.#reading.data(part);
    else if (this.#framing === null) this.#parts.push(part);
  }

  /** The body has ended. */
  received(): void {
    this.#isReceived = true;
    this.#reading?.end();
  }

  /** The client takes more. */
  drained(): void {
    this.#isBlocked = false;
    this.#tellDrained();
  }

  /** The connection has ended. */
  closed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#waiting = [];
    this.#reading?.closed();
    if (this.#isEnded) return;
    for (const fire of this.#onClosed ?? []) fire();
  }

  read(
    limitBytes: number,
    done: (body: Uint8Array) => void,
    fail: FailReading,
    take: (bytes: number) => boolean = () => true,
  ): void {
    const parts = this.#parts;
    this.#parts = [];
    if (Number(headerOf(this.headers, "content-length") ?? Number.NaN) > limitBytes) {
      fail("too-large");
      return;
    }
    this.#receivedBytesMax = limitBytes + DISCARDED_BYTES_MAX;
    const [body = NO_BYTES] = parts;
    if (this.#isReceived && parts.length < 2 && body.length <= limitBytes) {
      if (body.length === 0 || take(body.length)) done(body);
      else fail("no-room");
      return;
    }
    const reading = new BodyReading(limitBytes, take, done, fail);
    this.#reading = reading;
    if (!this.#isReceived) this.#sayContinue();
    for (const part of parts) reading.data(part);
    if (this.#isReceived) reading.end();
  }

  #sayContinue(): void {
    if (!this.#line.isModern) return;
    if (headerOf(this.headers, "expect")?.toLowerCase() !== "100-continue") return;
    this.#owner.send([CONTINUE], CONTINUE.length);
  }

  respond(status: number, headers: RawHeaders): void {
    if (this.#framing !== null) return;
    const framing = framingOf(status, headers, this.method, this.#line.isModern);
    this.#framing = framing;
    if (framing.by === "length") this.#owedBytes = framing.bytes;
    const mayKeep = this.#line.keepsAlive && this.#isReceived && framing.by !== "close";
    this.#isKept = mayKeep && !this.#owner.isLast();
    this.#add(answerHead(status, headers, framing, this.#isKept, this.#owner.date()));
  }

  write(chunk: Uint8Array): boolean {
    const framing = this.#framing;
    if (framing === null || this.#isEnded || this.#isClosed) return true;
    if (framing.by === "nothing" || chunk.length === 0) return true;
    if (framing.by === "length") this.#owedBytes -= chunk.length;
    if (framing.by === "chunks") {
      this.#add(`${chunk.length.toString(16)}\r\n`);
      this.#add(chunk);
      this.#add("\r\n");
    } else {
      this.#add(chunk);
    }
    // The rest of an answer that has told its length comes at once or never.
    if (framing.by !== "length" || this.#owedBytes > 0) this.#planFlush();
    else if (!this.#mayWait()) this.#flush();
    return !this.#isBlocked && this.#waitingBytes < WAITING_BYTES_MAX;
  }

  onDrain(fire: () => void): void {
    this.#onDrain ??= [];
    this.#onDrain.push(fire);
  }

  end(): void {
    if (this.#isEnded || this.#isClosed) return;
    if (this.#framing?.by === "length" && this.#owedBytes !== 0) {
      // More or less than was told: the client must not take it for a whole answer, nor for two.
      this.destroy();
      return;
    }
    if (this.#framing?.by === "chunks") this.#add(LAST_CHUNK);
    this.#isEnded = true;
    if (!this.#mayWait()) this.#finish();
  }

  destroy(): void {
    this.#flush();
    this.#owner.destroy();
  }

  onClosed(fire: () => void): void {
    this.#onClosed ??= [];
    this.#onClosed.push(fire);
  }

  #add(piece: Piece): void {
    this.#waiting.push(piece);
    this.#waitingBytes += piece.length;
  }

  /** True: what has been added leaves at the end of the turn. */
  #mayWait(): boolean {
    if (!this.#isWaiting && this.#waitingBytes > 0) this.#isWaiting = this.#owner.mayWait(this);
    return this.#isWaiting;
  }

  /** What is written in one turn leaves together. */
  #planFlush(): void {
    if (this.#isFlushPlanned || this.#mayWait()) return;
    this.#isFlushPlanned = true;
    process.nextTick(leave, this);
  }

  leave(): void {
    this.#isFlushPlanned = false;
    this.#isWaiting = false;
    if (this.#isEnded) this.#finish();
    else this.#flush();
  }

  /** Where nothing is to be added any more, it need not wait. */
  leaveIfEnded(): void {
    if (this.#isEnded) this.leave();
  }

  #finish(): void {
    this.#flush();
    if (!this.#isClosed) this.#owner.answered(this);
  }

  #flush(): void {
    const pieces = this.#waiting;
    if (pieces.length === 0 || this.#isClosed) return;
    const bytes = this.#waitingBytes;
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#isBlocked = !this.#owner.send(pieces, bytes);
    if (!this.#isBlocked) this.#tellDrained();
  }

  #tellDrained(): void {
    const fires = this.#onDrain;
    if (fires === null) return;
    this.#onDrain = null;
    for (const fire of fires) fire();
  }
}

function leave(exchange: LlhttpExchange): void {
  exchange.leave();
}
