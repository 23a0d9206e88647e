// Users of a real gateway in virtual time: their requests as the gateway's own port wants them, its answers
// read as over HTTP.
import type { Exchange, RawHeaders } from "@slipway/gateway";
import type { AnswerReader } from "../population/answer-reader.ts";
import type { Post, SendPost } from "../population/load.ts";

/** What takes requests: a gateway. */
export type ExchangeHandler = { readonly handle: (exchange: Exchange) => void };

/** `choose` names the gateway for the next request, or undefined when none can be reached. */
export function gatewaySend(choose: () => ExchangeHandler | undefined, apiKey?: string): SendPost {
  const encoder = new TextEncoder();
  const headers = [
    ...["content-type", "application/json"],
    ...(apiKey === undefined ? [] : ["authorization", `Bearer ${apiKey}`]),
  ];
  return (post, answer) => {
    const gateway = choose();
    if (gateway === undefined) {
      answer.broken();
      return () => {};
    }
    const connection = new Connection(answer);
    const body = encoder.encode(post.body);
    gateway.handle(
      exchangeOf(post, body, [...headers, "x-slipway-language", post.language], connection),
    );
    return () => connection.leave();
  };
}

function exchangeOf(
  post: Post,
  body: Uint8Array,
  headers: RawHeaders,
  connection: Connection,
): Exchange {
  return {
    method: "POST",
    path: post.path,
    headers: [...headers, "content-length", String(body.length)],
    read: (limitBytes, done, fail) => {
      if (body.length > limitBytes) fail("too-large");
      else done(body);
    },
    respond: (status, answerHeaders) => connection.respond(status, answerHeaders),
    // A simulated user always reads along.
    write: (chunk) => connection.write(chunk),
    onDrain: () => {},
    end: () => connection.end(),
    destroy: () => connection.destroy(),
    onClosed: (fire) => connection.onClosed(fire),
  };
}

class Connection {
  readonly #answer: AnswerReader;
  readonly #decoder = new TextDecoder();
  readonly #closed: (() => void)[] = [];
  #isOpen = true;

  constructor(answer: AnswerReader) {
    this.#answer = answer;
  }

  respond(status: number, headers: RawHeaders): void {
    if (this.#isOpen) this.#answer.head(status, (name) => headerOf(headers, name));
  }

  write(chunk: Uint8Array): boolean {
    if (this.#isOpen) this.#answer.chunk(this.#decoder.decode(chunk, { stream: true }));
    return true;
  }

  end(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#answer.end();
  }

  destroy(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#answer.broken();
  }

  onClosed(fire: () => void): void {
    this.#closed.push(fire);
  }

  /** The user goes before the answer has ended. */
  leave(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    for (const fire of this.#closed) fire();
  }
}

function headerOf(headers: RawHeaders, name: string): string | undefined {
  for (let i = 0; i + 1 < headers.length; i += 2) {
    if (headers[i]?.toLowerCase() === name) return headers[i + 1];
  }
  return undefined;
}
