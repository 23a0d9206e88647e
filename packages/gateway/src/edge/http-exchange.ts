// One request on node:http, as the gateway's path sees it.

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Exchange, RawHeaders } from "../ports.ts";

/** Of a body that is too large, so much more is thrown away before the connection is cut. */
const DISCARDED_BYTES_MAX = 64 * 2 ** 20;

export class HttpExchange implements Exchange {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly method: string;
  readonly path: string;
  readonly headers: RawHeaders;

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.#request = request;
    this.#response = response;
    this.method = request.method ?? "GET";
    this.path = request.url ?? "/";
    this.headers = request.rawHeaders;
  }

  read(
    limitBytes: number,
    done: (body: Uint8Array) => void,
    fail: FailReading,
    take: (bytes: number) => boolean = () => true,
  ): void {
    const declared = Number(this.#request.headers["content-length"] ?? Number.NaN);
    if (declared > limitBytes) {
      this.#discard();
      fail("too-large");
      return;
    }
    const failed: FailReading = (reason) => {
      if (reason !== "aborted") this.#discard();
      fail(reason);
    };
    const reading = new BodyReading(limitBytes, take, done, failed);
    this.#request.on("data", (chunk: Buffer) => reading.data(chunk));
    this.#request.on("end", () => reading.end());
    this.#request.on("close", () => reading.closed());
  }

  /** Lets the rest of the body pass by, so that the client can finish sending and read the answer. */
  #discard(): void {
    let bytes = 0;
    this.#request.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > DISCARDED_BYTES_MAX) this.#request.destroy();
    });
  }

  respond(status: number, headers: RawHeaders): void {
    this.#response.writeHead(status, [...headers]);
  }

  write(chunk: Uint8Array): boolean {
    return this.#response.write(chunk);
  }

  onDrain(fire: () => void): void {
    this.#response.once("drain", fire);
  }

  end(): void {
    this.#response.end();
  }

  destroy(): void {
    this.#response.destroy();
  }

  onClosed(fire: () => void): void {
    this.#response.on("close", () => {
      if (!this.#response.writableEnded) fire();
    });
  }
}

type FailReason = "too-large" | "no-room" | "aborted";
type FailReading = (reason: FailReason) => void;

class BodyReading {
  readonly #limitBytes: number;
  readonly #done: (body: Uint8Array) => void;
  readonly #take: (bytes: number) => boolean;
  readonly #fail: FailReading;
  readonly #chunks: Buffer[] = [];
  #bytes = 0;
  #isOver = false;

  constructor(
    limitBytes: number,
    take: (bytes: number) => boolean,
    done: (body: Uint8Array) => void,
    fail: FailReading,
  ) {
    this.#limitBytes = limitBytes;
    this.#take = take;
    this.#done = done;
    this.#fail = fail;
  }

  data(chunk: Buffer): void {
    if (this.#isOver) return;
    this.#bytes += chunk.length;
    if (this.#bytes > this.#limitBytes) this.#giveUp("too-large");
    else if (this.#take(chunk.length)) this.#chunks.push(chunk);
    else this.#giveUp("no-room");
  }

  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const [only] = this.#chunks;
    const isOne = this.#chunks.length === 1 && only !== undefined;
    this.#done(isOne ? only : Buffer.concat(this.#chunks, this.#bytes));
  }

  closed(): void {
    if (!this.#isOver) this.#giveUp("aborted");
  }

  #giveUp(reason: FailReason): void {
    this.#isOver = true;
    this.#chunks.length = 0;
    this.#fail(reason);
  }
}
