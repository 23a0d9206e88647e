// A cursor over the bytes of a JSON text. It finds where values begin and end without building them, which
// is all a gateway needs of a body it passes on. It checks structure only as far as it walks; it never throws.

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** A string's first bytes are walked one by one; what is longer is jumped over, from quote to quote. */
const WALK_BYTES = 48;
/** After an escape more are likely to follow, and walking on is quicker than short jumps. */
const WALK_BYTES_ESCAPED = 1_024;
/** Shorter texts are kept, and found again by their bytes: the same few names are in every body. */
const KEPT_BYTES_MAX = 40;
const KEPT_TEXTS = 256;

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
/** ASCII texts that were met before, each in the one place that its bytes lead to. */
const kept = new Array<string>(KEPT_TEXTS).fill("");

/** Node's own view of the same bytes. */
function bufferOf(bytes: Uint8Array): Buffer {
  return bytes instanceof Buffer
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function isText(bytes: Uint8Array, start: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    if (bytes[start + i] !== text.charCodeAt(i)) return false;
  }
  return true;
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

export type VisitMember = (
  keyStart: number,
  keyEnd: number,
  valueStart: number,
  valueEnd: number,
) => void;

export class JsonCursor {
  readonly bytes: Uint8Array;
  /** There is no backslash from here on up to the one below: looking ahead for it seldom repeats. */
  #plainFrom = 0;
  #backslash = -1;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** First index at or after `at` that is not white space. */
  space(at: number): number {
    let i = at;
    while (isSpace(this.bytes[i])) i++;
    return i;
  }

  /** Index of the quote that closes the string opened at `open`; -1 when it never closes. */
  stringEnd(open: number): number {
    const { bytes } = this;
    let from = open + 1;
    let stop = from + WALK_BYTES;
    for (;;) {
      const found = this.#walk(from, stop);
      if (found < 0) return -1;
      if (bytes[found] === QUOTE) return found;
      const quote = bytes.indexOf(QUOTE, found);
      if (quote === -1) return -1;
      const backslash = this.#nextBackslash(found);
      if (backslash > quote) return quote;
      from = backslash + 2;
      stop = from + WALK_BYTES_ESCAPED;
    }
  }

  /** The string's closing quote, or the first index not before `stop` that is within it; -1 at the end. */
  #walk(from: number, stop: number): number {
    const { bytes } = this;
    const { length } = bytes;
    let i = from;
    let last = stop;
    while (i < length) {
      const byte = bytes[i];
      if (byte === QUOTE || i >= last) return i;
      if (byte === BACKSLASH) {
        last = i + WALK_BYTES_ESCAPED;
        i++;
      }
      i++;
    }
    return -1;
  }

  #nextBackslash(from: number): number {
    // Values are read again after what follows them was walked: what is known may lie ahead of here, or behind.
    if (from < this.#plainFrom || from > this.#backslash) {
      const found = this.bytes.indexOf(BACKSLASH, from);
      this.#plainFrom = from;
      this.#backslash = found === -1 ? Number.POSITIVE_INFINITY : found;
    }
    return this.#backslash;
  }

  /** Index just after the value that starts at `start`; -1 when it is broken. */
  valueEnd(start: number): number {
    const byte = this.bytes[start];
    if (byte === QUOTE) return this.stringEnd(start) + 1 || -1;
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) return this.#nestedEnd(start);
    return this.#scalarEnd(start);
  }

  #nestedEnd(start: number): number {
    const { bytes } = this;
    let depth = 0;
    for (let i = start; i < bytes.length; i++) {
      const byte = bytes[i];
      if (byte === QUOTE) {
        i = this.stringEnd(i);
        if (i === -1) return -1;
      } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
        depth++;
      } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
        depth--;
        if (depth === 0) return i + 1;
      }
    }
    return -1;
  }

  #scalarEnd(start: number): number {
    const { bytes } = this;
    let i = start;
    while (i < bytes.length) {
      const byte = bytes[i];
      if (byte === COMMA || byte === CLOSE_BRACE || byte === CLOSE_BRACKET || isSpace(byte)) break;
      i++;
    }
    return i === start ? -1 : i;
  }

  /**
   * Visits the members of the object that starts at `start`; the key's bounds are without its quotes.
   * Returns the index just after the object; -1 when it is no object or broken.
   */
  members(start: number, visit: VisitMember): number {
    if (this.bytes[start] !== OPEN_BRACE) return -1;
    let i = this.space(start + 1);
    if (this.bytes[i] === CLOSE_BRACE) return i + 1;
    for (;;) {
      if (this.bytes[i] !== QUOTE) return -1;
      const keyEnd = this.stringEnd(i);
      if (keyEnd === -1) return -1;
      const colon = this.space(keyEnd + 1);
      if (this.bytes[colon] !== COLON) return -1;
      const valueStart = this.space(colon + 1);
      const valueEnd = this.valueEnd(valueStart);
      if (valueEnd === -1) return -1;
      visit(i + 1, keyEnd, valueStart, valueEnd);
      i = this.space(valueEnd);
      if (this.bytes[i] === CLOSE_BRACE) return i + 1;
      if (this.bytes[i] !== COMMA) return -1;
      i = this.space(i + 1);
    }
  }

  /**
   * Index of the value of the first member called `name` in the object at `start`, whose end may be missing; -1 when
   * it is not there, or not yet.
   */
  memberStart(start: number, name: string): number {
    if (this.bytes[start] !== OPEN_BRACE) return -1;
    let i = this.space(start + 1);
    while (this.bytes[i] === QUOTE) {
      const keyEnd = this.stringEnd(i);
      if (keyEnd === -1) return -1;
      const colon = this.space(keyEnd + 1);
      if (this.bytes[colon] !== COLON) return -1;
      const valueStart = this.space(colon + 1);
      if (this.key(i + 1, keyEnd) === name) return valueStart;
      const valueEnd = this.valueEnd(valueStart);
      if (valueEnd === -1) return -1;
      i = this.space(valueEnd);
      if (this.bytes[i] !== COMMA) return -1;
      i = this.space(i + 1);
    }
    return -1;
  }

  /** Visits the elements of the array at `start` until `visit` returns false. Nothing when it is no array. */
  elements(start: number, visit: (start: number, end: number) => boolean): void {
    if (this.bytes[start] !== OPEN_BRACKET) return;
    let i = this.space(start + 1);
    while (this.bytes[i] !== CLOSE_BRACKET) {
      const end = this.valueEnd(i);
      if (end === -1 || !visit(i, end)) return;
      i = this.space(end);
      if (this.bytes[i] !== COMMA) return;
      i = this.space(i + 1);
    }
  }

  isObject(start: number): boolean {
    return this.bytes[start] === OPEN_BRACE;
  }

  isArray(start: number): boolean {
    return this.bytes[start] === OPEN_BRACKET;
  }

  isNull(start: number): boolean {
    return this.bytes[start] === 0x6e;
  }

  isTrue(start: number): boolean {
    return this.bytes[start] === 0x74;
  }

  /** The text between two bounds, as it stands. */
  raw(start: number, end: number): string {
    if (end <= start) return "";
    const ascii = end - start > KEPT_BYTES_MAX ? null : this.#ascii(start, end);
    if (ascii !== null) return ascii;
    return decoder.decode(this.bytes.subarray(start, end));
  }

  /**
   * The same with a letter for each byte: what is JSON is that in both, with the same numbers, and it is read much faster.
   */
  letters(start: number, end: number): string {
    return bufferOf(this.bytes).toString("latin1", start, end);
  }

  /** Null when it is not all ASCII. */
  #ascii(start: number, end: number): string | null {
    const { bytes } = this;
    const length = end - start;
    const mixed = length * 31 + (bytes[start] ?? 0) * 7 + (bytes[end - 1] ?? 0);
    const place = mixed % KEPT_TEXTS;
    const known = kept[place] ?? "";
    if (known.length === length && isText(bytes, start, known)) return known;
    for (let i = start; i < end; i++) if ((bytes[i] ?? 0x80) >= 0x80) return null;
    const text = this.letters(start, end);
    kept[place] = text;
    return text;
  }

  /** The text of a key, given its bounds without quotes. */
  key(start: number, end: number): string {
    return this.#unescaped(start, end) ?? "";
  }

  /** The text of a string value, given its bounds with quotes; null when it is no string. */
  string(start: number, end: number): string | null {
    if (this.bytes[start] !== QUOTE) return null;
    return this.#unescaped(start + 1, end - 1);
  }

  #unescaped(start: number, end: number): string | null {
    const text = this.raw(start, end);
    if (!text.includes("\\")) return text;
    try {
      return JSON.parse(`"${text}"`) as string;
    } catch {
      return null; // An escape that JSON does not know: the upstream will say so.
    }
  }
}
