// The programming language that a request is about, from marks that people and editors leave: the last code fence's
// info string, or a file name with a known extension. Bytes are looked at where they stand, and only so many.

import { languageNamed } from "@slipway/core";
import type { BodyScan, Span } from "../body/body-scan.ts";

/** Of the end of a conversation, or of a prompt. */
const TAIL_BYTES_MAX = 4_096;
/** Editors put the path of the file that is completed into its first lines. */
const HEAD_BYTES_MAX = 512;
const MARKS_MAX = 64;
const NAME_LENGTH_MAX = 12;
const FENCE_LENGTH = 3;
const BACKTICK = 0x60;
const DOT = 0x2e;
const OPEN_PARENTHESIS = 0x28;

/** Null when nothing tells. */
export function languageOf(scan: BodyScan): string | null {
  const { bytes } = scan.cursor;
  if (scan.prompt !== null) {
    const head = { start: scan.prompt.start, end: headEnd(scan.prompt) };
    return ofFirstPath(bytes, head) ?? ofText(bytes, tailOf(scan.prompt));
  }
  const said = scan.messages ?? scan.input;
  return said === null ? null : ofText(bytes, tailOf(said));
}

function headEnd({ start, end }: Span): number {
  return Math.min(end, start + HEAD_BYTES_MAX);
}

function tailOf({ start, end }: Span): Span {
  return { start: Math.max(start, end - TAIL_BYTES_MAX), end };
}

function ofText(bytes: Uint8Array, span: Span): string | null {
  return ofFence(bytes, span) ?? ofPath(bytes, span);
}

/** The last fence that says what it holds; one that closes says nothing. */
function ofFence(bytes: Uint8Array, { start, end }: Span): string | null {
  // A fence has three marks: whoever looks at every third byte misses none.
  for (let at = end - 1; at >= start; at -= FENCE_LENGTH) {
    if (bytes[at] !== BACKTICK) continue;
    let last = at;
    while (last + 1 < end && bytes[last + 1] === BACKTICK) last++;
    while (at > start && bytes[at - 1] === BACKTICK) at--;
    if (last - at + 1 < FENCE_LENGTH) continue;
    const language = languageNamed(wordAt(bytes, last + 1, end));
    if (language !== null) return language;
  }
  return null;
}

/** The last name with an extension that is known. */
function ofPath(bytes: Uint8Array, { start, end }: Span): string | null {
  let marks = 0;
  for (let at = end - 1; at > start && marks < MARKS_MAX; at--) {
    if (bytes[at] !== DOT) continue;
    marks++;
    // In the middle of code, one letter after a dot is more likely a member of something.
    const language = ofExtension(bytes, at, end, 2);
    if (language !== null) return language;
  }
  return null;
}

/** The first one: what follows it is the file itself. */
function ofFirstPath(bytes: Uint8Array, { start, end }: Span): string | null {
  let at = start;
  for (let marks = 0; marks < MARKS_MAX; marks++) {
    at = bytes.indexOf(DOT, at + 1);
    if (at === -1 || at >= end) return null;
    const language = ofExtension(bytes, at, end, 1);
    if (language !== null) return language;
  }
  return null;
}

/** Of the dot at `at`; null when it ends no name, or begins no extension. */
function ofExtension(
  bytes: Uint8Array,
  at: number,
  end: number,
  lettersMin: number,
): string | null {
  if (!isNamePart(bytes[at - 1])) return null;
  const word = wordAt(bytes, at + 1, end);
  const isCall = bytes[at + 1 + word.length] === OPEN_PARENTHESIS;
  return isCall || word.length < lettersMin ? null : languageNamed(word);
}

/** Letters, digits, `+` and `#` from `at` on, in lower case; empty when there are too many. */
function wordAt(bytes: Uint8Array, at: number, end: number): string {
  let word = "";
  for (let i = at; i < end; i++) {
    const byte = bytes[i] ?? 0;
    if (!isNamePart(byte) && byte !== 0x2b && byte !== 0x23) return word;
    if (word.length === NAME_LENGTH_MAX) return "";
    word += String.fromCharCode(byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte);
  }
  return word;
}

function isNamePart(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  const isDigit = byte >= 0x30 && byte <= 0x39;
  const isLetter = (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;
  return isDigit || isLetter || byte === 0x5f || byte === 0x2d;
}
