// Heads of requests and answers as text, to be sent in latin1: a letter is a byte, as it was when they were read.

import { STATUS_CODES } from "node:http";
import { headerOf } from "../../../headers.ts";
import type { RawHeaders } from "../../../ports.ts";

/** Longer than load balancers keep idle connections, so that it is they who close them. Answers tell it. */
const KEEP_ALIVE_SECONDS = 75;

/** What a value may not have: it would begin another header, or is no byte. */
const UNSENDABLE = /[^\t\x20-\x7e\x80-\xff]/;
const UNSENDABLE_ALL = /[^\t\x20-\x7e\x80-\xff]/g;

/** Methods whose requests say that they have no body. */
const WITH_BODY: ReadonlySet<string> = new Set(["POST", "PUT", "PATCH", "QUERY"]);

/** Null when a value cannot be sent. `fixed` has the headers that every request there has. */
export function requestHead(
  method: string,
  path: string,
  fixed: string,
  headers: RawHeaders,
  bodyBytes: number,
): string | null {
  let head = `${method} ${path} HTTP/1.1\r\n${fixed}`;
  for (let i = 0; i < headers.length; i += 2) {
    const value = headers[i + 1] ?? "";
    if (UNSENDABLE.test(value)) return null;
    head += `${headers[i]}: ${value}\r\n`;
  }
  if (bodyBytes > 0 || WITH_BODY.has(method)) head += `content-length: ${bodyBytes}\r\n`;
  return `${head}\r\n`;
}

/** How the end of an answer's body is told. */
export type Framing =
  | { readonly by: "length"; readonly bytes: number }
  | { readonly by: "chunks" | "close" | "nothing" };

const BY_CHUNKS: Framing = { by: "chunks" };
const BY_CLOSE: Framing = { by: "close" };
const WITHOUT_BODY: Framing = { by: "nothing" };

/** `isModern`: the client speaks at least HTTP/1.1. */
export function framingOf(
  status: number,
  headers: RawHeaders,
  method: string,
  isModern: boolean,
): Framing {
  if (method === "HEAD" || status === 204 || status === 304) return WITHOUT_BODY;
  const length = headerOf(headers, "content-length");
  if (length !== null) return { by: "length", bytes: Number(length) };
  return isModern ? BY_CHUNKS : BY_CLOSE;
}

const KEPT = `Connection: keep-alive\r\nKeep-Alive: timeout=${KEEP_ALIVE_SECONDS}\r\n`;
const CLOSED = "Connection: close\r\n";

/** `date` is for an answer that has none of its own. */
export function answerHead(
  status: number,
  headers: RawHeaders,
  framing: Framing,
  isKept: boolean,
  date: string,
): string {
  let head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "unknown"}\r\n`;
  for (let i = 0; i < headers.length; i += 2) {
    const value = headers[i + 1] ?? "";
    head += `${headers[i]}: ${UNSENDABLE.test(value) ? value.replace(UNSENDABLE_ALL, "?") : value}\r\n`;
  }
  if (headerOf(headers, "date") === null) head += `Date: ${date}\r\n`;
  if (framing.by === "chunks") head += "Transfer-Encoding: chunked\r\n";
  return `${head}${isKept ? KEPT : CLOSED}\r\n`;
}
