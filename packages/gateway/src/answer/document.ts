// A whole answer in one JSON document: whether it is all there and in the API's form, and what usage it reports.

import type { Ending, Outcome } from "@slipway/core";
import type { Api } from "../api.ts";
import { JsonCursor } from "../body/json-cursor.ts";
import { AnswerMarks } from "./answer-marks.ts";
import type { AnswerScan } from "./answer-scan.ts";
import { topUsage, type Usage, usageOf } from "./usage.ts";

/** Up to here an answer is parsed to be sure; above, only its structure is walked. */
const PARSED_BYTES_MAX = 16 * 2 ** 10;
/** Above this, only its first and last byte are looked at: such answers are arrays of numbers. */
const WALKED_BYTES_MAX = 4 * 2 ** 20;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

export class DocumentScan implements AnswerScan {
  #chunks: Uint8Array[] = [];
  #bytes = 0;
  #first: number | null = null;
  #last: number | null = null;
  #usage: Usage | null = null;
  readonly #marks: AnswerMarks;
  #isRead = false;

  constructor(api: Api) {
    this.#marks = new AnswerMarks(api);
  }

  push(chunk: Uint8Array): void {
    this.#bytes += chunk.length;
    this.#first ??= firstByteOf(chunk);
    this.#last = lastByteOf(chunk) ?? this.#last;
    if (this.#bytes <= WALKED_BYTES_MAX) this.#chunks.push(chunk);
    else this.#chunks = [];
  }

  /** A document has no marker: it is whole when its body has ended. */
  isComplete(): boolean {
    return false;
  }

  isBetweenEvents(): boolean {
    return false;
  }

  outcome(): Outcome {
    if (this.#first !== OPEN_BRACE || this.#last !== CLOSE_BRACE) {
      return this.#first === OPEN_BRACE ? "truncated" : "invalid";
    }
    if (this.#bytes > WALKED_BYTES_MAX) return "ok";
    const whole = joined(this.#chunks, this.#bytes);
    this.#marks.names(whole, 0, whole.length);
    this.#isRead = true;
    const cursor = new JsonCursor(whole);
    return this.#bytes <= PARSED_BYTES_MAX ? this.#parse(cursor) : this.#walk(cursor);
  }

  usage(): Usage | null {
    return this.#usage;
  }

  ending(): Ending | null {
    return this.#isRead ? this.#marks.ending() : null;
  }

  outputCount(): number {
    return this.#usage?.outputTokens ?? 0;
  }

  #parse(cursor: JsonCursor): Outcome {
    const answer = parsed(cursor);
    if (answer === null) return "invalid";
    this.#usage = usageOf(answer["usage"]);
    return (answer["error"] ?? null) === null ? "ok" : "invalid";
  }

  #walk(cursor: JsonCursor): Outcome {
    let failed = false;
    const start = cursor.space(0);
    const end = cursor.members(start, (keyStart, keyEnd, valueStart) => {
      if (keyEnd - keyStart !== "error".length || cursor.isNull(valueStart)) return;
      if (cursor.key(keyStart, keyEnd) === "error") failed = true;
    });
    if (end === -1 || cursor.space(end) !== cursor.bytes.length) return "invalid";
    this.#usage = topUsage(cursor, start);
    return failed ? "invalid" : "ok";
  }
}

function parsed(cursor: JsonCursor): { readonly [field: string]: unknown } | null {
  try {
    return JSON.parse(cursor.letters(0, cursor.bytes.length));
  } catch {
    return null;
  }
}

function joined(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const [only] = chunks;
  if (chunks.length === 1 && only !== undefined) return only;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function firstByteOf(chunk: Uint8Array): number | null {
  for (const byte of chunk) if (!isSpace(byte)) return byte;
  return null;
}

function lastByteOf(chunk: Uint8Array): number | null {
  for (let i = chunk.length - 1; i >= 0; i--) {
    if (!isSpace(chunk[i])) return chunk[i] ?? null;
  }
  return null;
}
