// HTTP as bytes, for tests of what a parser makes of it: an upstream that answers whatever bytes it is told to, a client
// that sends whatever bytes it is told to, and what came back in a form that can be compared.

import type { AddressInfo } from "node:net";
import { connect, createServer, type Socket } from "node:net";

/** Bytes to send, in this order; then the connection stays, ends, or is cut. */
export type Sending = {
  readonly pieces: readonly string[];
  readonly atLast: "stay" | "end" | "cut";
};

export type RawUpstream = {
  readonly url: string;
  /** Answers to requests, by the number in their `x-case` header. */
  readonly answers: Map<string, Sending>;
  /** Requests as they came, by that number. */
  readonly seen: Map<string, string>;
  readonly close: () => Promise<void>;
};

const PIECE_PAUSE_MS = 5;

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, PIECE_PAUSE_MS));
}

async function sendAll(socket: Socket, { pieces, atLast }: Sending): Promise<void> {
  // The last words and the end come at once: what is sent to a connection between the two would be lost by chance.
  const atEnd = atLast === "end" ? pieces.at(-1) : undefined;
  for (const piece of atEnd === undefined ? pieces : pieces.slice(0, -1)) {
    socket.write(piece, "latin1");
    await pause();
  }
  if (atLast === "end") socket.end(atEnd ?? "", "latin1");
  if (atLast === "cut") socket.resetAndDestroy();
}

/** The length of the request at the start of `text`; null while it is not whole. Good requests only. */
function requestLength(text: string): number | null {
  const head = text.indexOf("\r\n\r\n");
  if (head === -1) return null;
  const bytes = Number(/\r\ncontent-length: (\d+)/i.exec(text.slice(0, head))?.[1] ?? 0);
  return text.length >= head + 4 + bytes ? head + 4 + bytes : null;
}

export async function rawUpstream(): Promise<RawUpstream> {
  const answers = new Map<string, Sending>();
  const seen = new Map<string, string>();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    let text = "";
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
      const length = requestLength(text);
      if (length === null) return;
      const name = /\r\nx-case: (.*?)\r\n/i.exec(text)?.[1] ?? "";
      seen.set(name, text.slice(0, length));
      text = text.slice(length);
      const answer = answers.get(name);
      if (answer !== undefined) void sendAll(socket, answer);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    answers,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** Sends bytes to a server, and gives all that came back when the server has closed the connection. */
export function rawClient(port: number, sending: Sending): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    let text = "";
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
    });
    socket.on("error", () => socket.destroy());
    socket.on("close", () => resolve(text));
    socket.on("connect", () => void sendAll(socket, sending));
  });
}

/** Of this hop, or of this moment. */
const PASSING =
  /^(date|connection|keep-alive|transfer-encoding|x-slipway-request-id|x-request-id|request-id):/i;

/** A request, without what is said of its connection alone. */
export function withoutConnection(text: string | undefined): string | undefined {
  return text?.replace(/^connection: .*\r\n/im, "");
}

/** Answers, without what differs from one time to the next, and however their bodies were framed. */
export function readable(text: string): readonly string[] {
  const answers: string[] = [];
  let rest = text;
  while (rest !== "") {
    const end = rest.indexOf("\r\n\r\n");
    if (end === -1) return [...answers, `no head: ${rest}`];
    const [status = "", ...headers] = rest.slice(0, end).split("\r\n");
    const { body, after } = bodyOf(status, headers, rest.slice(end + 4));
    // White space after a value is not part of it: undici leaves it there, and llhttp's transport does not.
    const kept = headers
      .filter((header) => !PASSING.test(header))
      .map((header) => header.trimEnd());
    answers.push([status, ...kept, "", body].join("\n"));
    rest = after;
  }
  return answers;
}

function bodyOf(
  status: string,
  headers: readonly string[],
  text: string,
): { readonly body: string; readonly after: string } {
  const length = headers.map((header) => /^content-length: (\d+)/i.exec(header)?.[1]).find(Boolean);
  if (/^HTTP\/1.1 (1\d\d|204|304)/.test(status)) return { body: "", after: text };
  if (headers.some((header) => /^transfer-encoding: chunked/i.test(header))) return chunks(text);
  if (length === undefined) return { body: text === "" ? "" : `${text}[closed]`, after: "" };
  const bytes = Number(length);
  const isWhole = text.length >= bytes;
  return { body: isWhole ? text.slice(0, bytes) : `${text}[cut]`, after: text.slice(bytes) };
}

function chunks(text: string): { readonly body: string; readonly after: string } {
  let body = "";
  let rest = text;
  for (;;) {
    const [line] = /^[0-9a-f]+\r\n/i.exec(rest) ?? [];
    const bytes = Number.parseInt(line ?? "", 16);
    if (line === undefined) return { body: `${body}${rest}[cut]`, after: "" };
    body += rest.slice(line.length, line.length + bytes);
    rest = rest.slice(line.length + bytes + 2);
    if (bytes === 0) return { body: body === "" ? "" : `${body}[end]`, after: rest };
  }
}
