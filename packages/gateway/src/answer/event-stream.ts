// A streamed answer (server-sent events): whether its API's terminal marker came, whether an error event did, and
// what usage it reported. Lines are looked at where they stand; text inside events cannot be taken for a marker.

import type { Ending, Outcome } from "@slipway/core";
import type { Api } from "../api.ts";
import { JsonCursor } from "../body/json-cursor.ts";
import { AnswerMarks } from "./answer-marks.ts";
import type { AnswerScan } from "./answer-scan.ts";
import { LineBuffer } from "./line-buffer.ts";
import { startsWith } from "./starts-with.ts";
import { laterUsage, type Usage, usageIn } from "./usage.ts";

/** Events that end a stream well, by their type. */
const TERMINAL_EVENTS: ReadonlySet<string> = new Set([
  "response.completed",
  "response.incomplete",
  "message_stop",
]);
/** Events that say that it went wrong. */
const ERROR_EVENTS: ReadonlySet<string> = new Set(["error", "response.failed"]);
const EVENT_NAME_BYTES_MAX = 64;

const DATA = [0x64, 0x61, 0x74, 0x61, 0x3a];
const EVENT = [0x65, 0x76, 0x65, 0x6e, 0x74, 0x3a];
const DONE = [0x5b, 0x44, 0x4f, 0x4e, 0x45, 0x5d];
const USAGE = [0x75, 0x73, 0x61, 0x67, 0x65, 0x22];
const ERROR = [0x65, 0x72, 0x72, 0x6f, 0x72, 0x22];
const QUOTE = 0x22;
const SPACE = 0x20;

export class EventStreamScan implements AnswerScan {
  readonly #lines: LineBuffer;
  /** Whether events carry their type in their data: true of two of the APIs. */
  readonly #typed: boolean;
  /** An API that is not known has no marker to wait for. */
  readonly #markerless: boolean;
  #named = false;
  /** The last line was the empty one that ends an event. */
  #isBetween = false;
  #events = 0;
  #complete = false;
  #failed = false;
  #usage: Usage | null = null;
  readonly #marks: AnswerMarks;

  constructor(api: Api) {
    this.#marks = new AnswerMarks(api);
    this.#typed = api === "responses" || api === "messages";
    this.#markerless = api === "other" || api === "embeddings";
    this.#lines = new LineBuffer((bytes, start, end) => this.#line(bytes, start, end));
  }

  push(chunk: Uint8Array): void {
    this.#lines.push(chunk);
  }

  isComplete(): boolean {
    return this.#complete && !this.#failed;
  }

  isBetweenEvents(): boolean {
    return this.#isBetween && this.#lines.isEmpty;
  }

  outcome(): Outcome {
    this.#lines.flush();
    if (this.#failed) return "stream_error";
    if (this.#markerless) return "ok";
    if (!this.#complete) return this.#events === 0 ? "invalid" : "truncated";
    return this.#events === 0 ? "invalid" : "ok";
  }

  usage(): Usage | null {
    return this.#usage;
  }

  ending(): Ending | null {
    return this.#marks.ending();
  }

  outputCount(): number {
    return this.#usage?.outputTokens || this.#events;
  }

  #line(bytes: Uint8Array, start: number, end: number): void {
    this.#isBetween = start === end;
    if (start === end) this.#named = false;
    else if (startsWith(bytes, start, end, DATA)) this.#data(bytes, start + DATA.length, end);
    else if (startsWith(bytes, start, end, EVENT)) this.#event(bytes, start + EVENT.length, end);
  }

  #event(bytes: Uint8Array, start: number, end: number): void {
    if (end - start > EVENT_NAME_BYTES_MAX) return;
    this.#named = true;
    this.#type(new JsonCursor(bytes).raw(start, end).trim());
  }

  #type(type: string): void {
    if (TERMINAL_EVENTS.has(type)) this.#complete = true;
    if (ERROR_EVENTS.has(type)) this.#failed = true;
  }

  #data(bytes: Uint8Array, afterColon: number, end: number): void {
    const start = bytes[afterColon] === SPACE ? afterColon + 1 : afterColon;
    if (end - start === DONE.length && startsWith(bytes, start, end, DONE)) {
      this.#complete ||= !this.#typed;
      return;
    }
    this.#events++;
    const mentions = mentionsIn(bytes, start, end, this.#marks);
    const typeNeeded = this.#typed && !this.#named;
    if (!mentions.usage && !mentions.error && !typeNeeded) return;
    const cursor = new JsonCursor(bytes.subarray(start, end));
    if (mentions.usage) this.#addUsage(usageIn(cursor, 0));
    if (typeNeeded || mentions.error) this.#members(cursor);
  }

  #members(cursor: JsonCursor): void {
    cursor.members(0, (keyStart, keyEnd, valueStart, valueEnd) => {
      const key = cursor.key(keyStart, keyEnd);
      if (key === "type" && this.#typed) this.#type(cursor.string(valueStart, valueEnd) ?? "");
      if (key === "error" && !cursor.isNull(valueStart)) this.#failed = true;
    });
  }

  #addUsage(usage: Usage | null): void {
    if (usage !== null) this.#usage = laterUsage(this.#usage, usage);
  }
}

/** Whether `"usage"` or `"error"` stand anywhere: most events have neither, and need no closer look but for marks. */
function mentionsIn(
  bytes: Uint8Array,
  start: number,
  end: number,
  marks: AnswerMarks,
): { readonly usage: boolean; readonly error: boolean } {
  let usage = false;
  let error = false;
  for (let i = start; i < end; i++) {
    if (bytes[i] !== QUOTE) continue;
    const next = bytes[i + 1];
    if (next === USAGE[0]) usage ||= startsWith(bytes, i + 1, end, USAGE);
    else if (next === ERROR[0]) error ||= startsWith(bytes, i + 1, end, ERROR);
    else marks.name(bytes, i, end);
  }
  return { usage, error };
}
