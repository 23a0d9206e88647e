// The messages of one connection, as llhttp finds them: a head, parts of a body, an end. A run stops at the end of a
// message, so that the next is not even looked at before this one has been dealt with.

import { type Llhttp, MARK, type MessageKind } from "./llhttp.ts";

/** Names, values and the URL of one message. Node's own servers and clients have the same limit. */
const HEAD_BYTES_MAX = 16 * 2 ** 10;
const HEADERS_MAX = 2_000;

const NO_PARTS: readonly Uint8Array[] = [];

export type ParseFailure = { readonly isTooLarge: boolean; readonly message: string };

export class MessageParser {
  readonly #llhttp: Llhttp;
  readonly #headBytesMax: number;
  #parser: number;
  #isPaused = false;
  /** Of the message whose head is coming. */
  #headBytesLeft: number;
  #last: number = MARK.end;
  #name = "";
  #value = "";
  #isHeadDone = false;
  /** The answer to a HEAD has no body, whatever its head says. */
  skipsBody = false;

  url = "";
  headers: string[] = [];
  status = 0;
  keepsAlive = false;
  upgrades = false;
  /** What the newest run has found. */
  foundHead = false;
  foundEnd = false;
  parts: readonly Uint8Array[] = NO_PARTS;
  failure: ParseFailure | null = null;

  constructor(llhttp: Llhttp, kind: MessageKind, headBytesMax: number = HEAD_BYTES_MAX) {
    this.#llhttp = llhttp;
    this.#headBytesMax = headBytesMax;
    this.#headBytesLeft = headBytesMax;
    this.#parser = llhttp.allocate(kind);
  }

  get method(): string {
    return this.#llhttp.methodOf(this.#parser);
  }

  /** Of HTTP: 1.1. */
  get version(): string {
    return this.#llhttp.versionOf(this.#parser);
  }

  /** Parses one message at most, from `from` on; returns where the first byte stands that was not consumed. */
  run(chunk: Buffer, from: number): number {
    if (this.#isPaused) {
      this.#llhttp.resume(this.#parser);
      this.#isPaused = false;
      this.url = "";
      this.headers = [];
    }
    const { rest, error } = this.#llhttp.run(
      this.#parser,
      chunk,
      from,
      this.#headBytesLeft,
      this.skipsBody,
    );
    this.#headBytesLeft = this.#llhttp.headBytesLeft;
    this.#take(chunk);
    if (error !== null) this.#fail(error);
    return rest;
  }

  /** The connection has ended; true when the message has with it. */
  finish(): boolean {
    const error = this.#llhttp.finish(this.#parser);
    this.#take(null);
    if (error !== null) this.#fail(error);
    return this.foundEnd;
  }

  free(): void {
    if (this.#parser !== 0) this.#llhttp.free(this.#parser);
    this.#parser = 0;
  }

  #fail(message: string): void {
    this.failure = { isTooLarge: this.#headBytesLeft < 0, message };
  }

  /** Takes over what the run has noted. At the end of a connection there is no chunk, and no text. */
  #take(chunk: Buffer | null): void {
    const { marks, markNumbers } = this.#llhttp;
    this.foundHead = false;
    this.foundEnd = false;
    let parts: Uint8Array[] | null = null;
    const head = chunk === null ? null : headOf(chunk, marks, markNumbers);
    for (let i = 0; i < markNumbers; i += 3) {
      const kind = marks[i] ?? 0;
      const at = marks[i + 1] ?? 0;
      const end = at + (marks[i + 2] ?? 0);
      if (kind === MARK.head) this.#endHead();
      else if (kind === MARK.end) this.#endMessage();
      else if (kind !== MARK.body) this.#addText(kind, textOf(head, at, end));
      else if (chunk !== null) {
        parts ??= [];
        parts.push(chunk.subarray(at, end));
      }
    }
    this.parts = parts ?? NO_PARTS;
  }

  #endHead(): void {
    this.#endHeader();
    this.#isHeadDone = true;
    this.foundHead = true;
    const { keepsAlive, status, upgrades } = this.#llhttp.facts;
    this.status = status;
    this.keepsAlive = keepsAlive;
    this.upgrades = upgrades;
  }

  /** Names and values may come in pieces, where a chunk ends within them. */
  #addText(kind: number, text: string): void {
    if (kind === MARK.url) this.url += text;
    else if (kind === MARK.value) this.#value += text;
    else if (this.#last === MARK.name) this.#name += text;
    else {
      this.#endHeader();
      this.#name = text;
    }
    this.#last = kind;
  }

  /** Trailers are not passed on. */
  #endHeader(): void {
    if (this.#last === MARK.value && !this.#isHeadDone) {
      this.headers.push(this.#name, withoutGapAtEnd(this.#value));
      if (this.headers.length > 2 * HEADERS_MAX) {
        this.#headBytesLeft = -1;
        this.#fail("too many headers");
      }
    }
    this.#name = "";
    this.#value = "";
  }

  #endMessage(): void {
    this.foundEnd = true;
    this.#isPaused = true;
    this.#isHeadDone = false;
    this.#last = MARK.end;
    this.#name = "";
    this.#value = "";
    this.#headBytesLeft = this.#headBytesMax;
  }
}

/** RFC 9110, 5.5: white space around a value is not part of it. llhttp leaves out what stands before it alone. */
function withoutGapAtEnd(value: string): string {
  let end = value.length;
  while (end > 0 && isGap(value.charCodeAt(end - 1))) end--;
  return end === value.length ? value : value.slice(0, end);
}

function isGap(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

function textOf(head: HeadText | null, at: number, end: number): string {
  return head === null ? "" : head.text.substring(at - head.from, end - head.from);
}

type HeadText = { readonly text: string; readonly from: number };

/** Everything from the first to the last word of a head as one string: parts of it cost nothing to take. */
function headOf(chunk: Buffer, marks: Int32Array, markNumbers: number): HeadText | null {
  let from = -1;
  let to = -1;
  for (let i = 0; i < markNumbers; i += 3) {
    if ((marks[i] ?? 0) > MARK.value) continue;
    const at = marks[i + 1] ?? 0;
    if (from === -1) from = at;
    to = at + (marks[i + 2] ?? 0);
  }
  return from === -1 ? null : { text: chunk.toString("latin1", from, to), from };
}
