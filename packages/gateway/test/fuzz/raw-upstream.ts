// An upstream of bytes: it answers each request what its case says, byte by byte, and keeps what it was sent. What is not
// strictly one request after another is a violation.

import type { AddressInfo } from "node:net";
import { createServer, type Server, type Socket } from "node:net";
import { createServer as createSecureServer, type SecureContextOptions, TLSSocket } from "node:tls";
import type { FuzzCase, Script } from "./fuzz-case.ts";
import { NotStrict, type StrictRequest, strictRequest } from "./strict-http.ts";

const TOKENS = /tok-[0-9a-f]{19}/g;
const PIECE_PAUSE_MS = 1;
const PLAIN: Script = {
  pieces: ["HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"],
  atLast: "stay",
};

export type Seen = StrictRequest & {
  /** It came on a connection that had carried another, and gets no word there: it may come once more. */
  isStale: boolean;
};

export function tokensIn(text: string): ReadonlySet<string> {
  return new Set(text.match(TOKENS) ?? []);
}

export class RawUpstream {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly cases: ReadonlyMap<string, FuzzCase>;
  readonly seen: Map<string, Seen[]>;
  /** Requests in which no case's token is left. */
  readonly nameless: Seen[] = [];
  readonly #violate: (what: string) => void;
  readonly #isSecure: boolean;
  /** What everybody is answered, whatever their cases say; null for what those say. */
  illness: Script | null = null;
  /** So many came. */
  requests = 0;

  /** `tls`: its certificate and key; null for plain HTTP. */
  constructor(
    cases: ReadonlyMap<string, FuzzCase>,
    seen: Map<string, Seen[]>,
    violate: (what: string) => void,
    tls: SecureContextOptions | null = null,
  ) {
    this.cases = cases;
    this.seen = seen;
    this.#violate = violate;
    this.#isSecure = tls !== null;
    const serve = (socket: Socket): void => this.#serve(socket);
    this.#server = tls === null ? createServer(serve) : createSecureServer(tls, serve);
  }

  get sockets(): number {
    return this.#sockets.size;
  }

  listen(): Promise<string> {
    const { promise, resolve } = Promise.withResolvers<string>();
    this.#server.listen(0, "127.0.0.1", () => {
      const scheme = this.#isSecure ? "https" : "http";
      resolve(`${scheme}://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1`);
    });
    return promise;
  }

  close(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    for (const socket of this.#sockets) socket.destroy();
    return promise;
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    let text = "";
    let turn = 0;
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.#sockets.delete(socket));
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
      const found = this.#read(text);
      if (found === null) return;
      const [request, rest] = found;
      if (rest !== "") this.#violate(`more than one request at once: ${JSON.stringify(text)}`);
      text = "";
      turn++;
      const mine = turn;
      const script = this.#take({ ...request, isStale: socket.writableEnded }, turn > 1);
      // What is left of an answer is not sent once the next request has come.
      void send(socket, script, () => turn === mine);
    });
  }

  #read(text: string): readonly [StrictRequest, string] | null {
    try {
      return strictRequest(text);
    } catch (error) {
      if (!(error instanceof NotStrict)) throw error;
      this.#violate(`an upstream was sent no request: ${error.message}: ${JSON.stringify(text)}`);
      return null;
    }
  }

  #take(seen: Seen, isReused: boolean): Script {
    this.requests++;
    const all = seen.target + seen.headers.flat().join(" ") + seen.body;
    const named = [...tokensIn(all)].filter((token) => this.cases.has(token));
    const [token] = named;
    if (named.length > 1) this.#violate(`a request of several clients: ${JSON.stringify(all)}`);
    if (token === undefined) {
      this.nameless.push(seen);
      return this.illness ?? PLAIN;
    }
    const before = this.seen.get(token) ?? [];
    this.seen.set(token, before);
    const answers = this.cases.get(token)?.answers ?? [];
    const script = this.illness ?? answers[Math.min(before.length, answers.length - 1)] ?? PLAIN;
    seen.isStale ||= isReused && script.pieces.join("") === "" && script.atLast !== "stay";
    before.push(seen);
    return script;
  }
}

/** Sends pieces as long as `goesOn`. */
export async function send(
  socket: Socket,
  { pieces, atLast }: Script,
  goesOn: () => boolean,
): Promise<void> {
  for (const piece of pieces) {
    if (!goesOn() || socket.destroyed || socket.writableEnded) return;
    if (piece !== "") socket.write(piece, "latin1");
    if (pieces.length > 1) await new Promise((resolve) => setTimeout(resolve, PIECE_PAUSE_MS));
  }
  if (!goesOn()) return;
  if (atLast === "end") socket.end();
  if (atLast === "cut") cut(socket);
}

/** A reset, where the system lets one be sent. */
function cut(socket: Socket): void {
  if (socket instanceof TLSSocket) socket.destroy();
  else socket.resetAndDestroy();
}
