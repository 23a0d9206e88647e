// Finds the id of the object that an answer made: the `id` at the top of a JSON document, or that of the `response`
// in a stream's first events. It looks at the beginning of an answer only, and stops when it has found it.

import { JsonCursor } from "../body/json-cursor.ts";

/** An answer that has not named its object by then is not looked at any further. */
const LOOKED_AT_BYTES_MAX = 16 * 2 ** 10;
const OPEN_BRACE = 0x7b;
const LINE_FEED = 0x0a;
const DATA: readonly number[] = [0x64, 0x61, 0x74, 0x61, 0x3a];

export class ObjectIdScan {
  readonly #found: (id: string) => void;
  #bytes: Uint8Array = new Uint8Array(0);
  #isOver = false;

  constructor(found: (id: string) => void) {
    this.#found = found;
  }

  push(chunk: Uint8Array): void {
    if (this.#isOver) return;
    this.#bytes = this.#bytes.length === 0 ? chunk : joined(this.#bytes, chunk);
    const id = idIn(new JsonCursor(this.#bytes));
    if (id !== null) this.#found(id);
    this.#isOver = id !== null || this.#bytes.length > LOOKED_AT_BYTES_MAX;
    if (this.#isOver) this.#bytes = new Uint8Array(0);
  }
}

/** Null when it is not there, or not yet. */
function idIn(cursor: JsonCursor): string | null {
  const start = cursor.space(0);
  if (cursor.bytes[start] === OPEN_BRACE) return stringOf(cursor, cursor.memberStart(start, "id"));
  for (let line = 0; line !== -1; line = nextLine(cursor.bytes, line)) {
    if (!isData(cursor.bytes, line)) continue;
    const response = cursor.memberStart(cursor.space(line + DATA.length), "response");
    const id = response === -1 ? null : stringOf(cursor, cursor.memberStart(response, "id"));
    if (id !== null) return id;
  }
  return null;
}

function nextLine(bytes: Uint8Array, from: number): number {
  const end = bytes.indexOf(LINE_FEED, from);
  return end === -1 ? -1 : end + 1;
}

function isData(bytes: Uint8Array, at: number): boolean {
  return DATA.every((byte, i) => bytes[at + i] === byte);
}

function stringOf(cursor: JsonCursor, start: number): string | null {
  const end = start === -1 ? -1 : cursor.valueEnd(start);
  return end === -1 ? null : cursor.string(start, end);
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const whole = new Uint8Array(a.length + b.length);
  whole.set(a);
  whole.set(b, a.length);
  return whole;
}
