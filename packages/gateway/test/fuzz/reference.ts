// What node:http itself finds in the bytes of a client: the requests that it may be answered, and no others.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { Duplex } from "node:stream";
import { setImmediate } from "node:timers/promises";

export type FoundRequest = {
  readonly method: string;
  readonly target: string;
  readonly rawHeaders: readonly string[];
  /** In latin1; null where the end of the body never came. */
  body: string | null;
};

/** A fault must not take with it what stood before it: bytes come one by one, but for long runs of the same. */
const PIECES = /x{50,}|./gs;
/** What has been pushed is parsed within a turn or two; then there is nothing to wait for. */
const TURNS_AT_LAST = 5;

/** A server that never listens: it is handed streams that are not sockets. */
export class Reference {
  /** Requests without a host are refused by the gateway, but have an answer too. */
  readonly #server: Server = createServer({ requireHostHeader: false });
  readonly #found = new Map<object, FoundRequest[]>();

  constructor() {
    const take = (request: IncomingMessage, response: ServerResponse): void => {
      const { method = "", rawHeaders, url: target = "" } = request;
      const entry: FoundRequest = { method, target, rawHeaders, body: null };
      this.#found.get(request.socket)?.push(entry);
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("error", () => {});
      request.on("end", () => {
        entry.body = Buffer.concat(chunks).toString("latin1");
        response.end();
      });
    };
    this.#server.on("request", take);
    this.#server.on("checkContinue", take);
    this.#server.on("checkExpectation", take);
  }

  async find(bytes: string): Promise<readonly FoundRequest[]> {
    const stream = new Duplex({ read: () => {}, write: (_chunk, _encoding, done) => done() });
    const found: FoundRequest[] = [];
    this.#found.set(stream, found);
    stream.on("error", () => stream.destroy());
    this.#server.emit("connection", stream);
    for (const [piece] of bytes.matchAll(PIECES)) {
      stream.push(Buffer.from(piece, "latin1"));
      await setImmediate();
    }
    for (let left = TURNS_AT_LAST; left > 0; left--) await setImmediate();
    this.#found.delete(stream);
    stream.destroy();
    return found;
  }
}
