// One request on node:http, as the gateway's path sees it.

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Exchange, RawHeaders } from "../../ports.ts";
import { BodyReading, DISCARDED_BYTES_MAX, type FailReading } from "../body-reading.ts";

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

  /** Looked up only by who asks: it is not free. */
  get peer(): string {
    return this.#request.socket.remoteAddress ?? "";
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
