// What is done to good bytes so that they become bad ones. Bytes are latin1 text: one character, one byte.

import type { SeededRandom } from "./seeded-random.ts";

/** What parsers of HTTP are known to disagree about. */
const MORSELS: readonly string[] = [
  "\r\n",
  "\n",
  "\r",
  "\r\n\r\n",
  "\0",
  " ",
  "\t",
  "\x0b",
  "\x7f",
  "\xff",
  ":",
  ",",
  ";a=b",
  "0\r\n\r\n",
  "-1",
  "+",
  "99999999999999999999",
  "ffffffffffffffff",
  "HTTP/1.1",
  "HTTP/1.0",
  "GET /v1/hidden HTTP/1.1\r\nHost: h\r\n\r\n",
  "Content-Length: 5\r\n",
  "Content-Length: 0\r\n",
  "Transfer-Encoding: chunked\r\n",
  "Transfer-Encoding: identity\r\n",
  "Connection: close\r\n",
  "Connection: keep-alive\r\n",
  "Connection: upgrade\r\nUpgrade: h2c\r\n",
  "Expect: 100-continue\r\n",
  "HTTP/1.1 100 Continue\r\n\r\n",
  "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
  "Content-Encoding: gzip\r\n",
  "data: [DONE]\n\n",
  "\\",
  '"',
  "{",
  "[",
];
const CUT_BYTES_MAX = 64;
const ENDS_OF_LINES = /\r\n/g;

type Mutation = (bytes: string, random: SeededRandom, other: string) => string;

const MUTATIONS: readonly Mutation[] = [
  flip,
  insert,
  remove,
  repeat,
  splice,
  truncate,
  replaceLine,
];

/** Some mutations, one on top of the other; `other` is what is spliced in. */
export function mutated(bytes: string, random: SeededRandom, other: string): string {
  let changed = bytes;
  for (let left = 1 + random.below(3); left > 0; left--) {
    changed = random.pick(MUTATIONS)(changed, random, other);
  }
  return changed;
}

function flip(bytes: string, random: SeededRandom): string {
  const at = random.below(bytes.length);
  const code = bytes.charCodeAt(at) || 0;
  const other = random.chance(0.5) ? code ^ (1 << random.below(8)) : random.below(256);
  return bytes.slice(0, at) + String.fromCharCode(other & 0xff) + bytes.slice(at + 1);
}

function insert(bytes: string, random: SeededRandom): string {
  const at = placeIn(bytes, random);
  return bytes.slice(0, at) + random.pick(MORSELS) + bytes.slice(at);
}

function remove(bytes: string, random: SeededRandom): string {
  const at = placeIn(bytes, random);
  return bytes.slice(0, at) + bytes.slice(at + 1 + random.below(CUT_BYTES_MAX));
}

function repeat(bytes: string, random: SeededRandom): string {
  const from = placeIn(bytes, random);
  const part = bytes.slice(from, from + 1 + random.below(2 * CUT_BYTES_MAX));
  const at = random.chance(0.5) ? from : placeIn(bytes, random);
  return bytes.slice(0, at) + part + bytes.slice(at);
}

function splice(bytes: string, random: SeededRandom, other: string): string {
  return bytes.slice(0, placeIn(bytes, random)) + other.slice(placeIn(other, random));
}

function truncate(bytes: string, random: SeededRandom): string {
  return bytes.slice(0, placeIn(bytes, random));
}

/** A header line, or a line of the body, becomes something else that matters. */
function replaceLine(bytes: string, random: SeededRandom): string {
  const lines = bytes.split("\r\n");
  lines[random.below(lines.length)] = random.pick(MORSELS).trimEnd();
  return lines.join("\r\n");
}

/** Half of all places are at the ends of lines, where the structure is. */
function placeIn(bytes: string, random: SeededRandom): number {
  if (random.chance(0.5)) {
    const ends = [...bytes.matchAll(ENDS_OF_LINES)].map(({ index }) => index + 2);
    if (ends.length > 0) return random.pick(ends);
  }
  return random.below(bytes.length + 1);
}

/** The same bytes in pieces, to be sent one after the other. */
export function inPieces(bytes: string, random: SeededRandom): readonly string[] {
  const pieces: string[] = [];
  const cuts = random.pick([0, 0, 1, 2, 5]);
  const places = Array.from({ length: cuts }, () => random.below(bytes.length + 1));
  let from = 0;
  for (const place of places.sort((a, b) => a - b)) {
    if (place > from) pieces.push(bytes.slice(from, place));
    from = Math.max(from, place);
  }
  pieces.push(bytes.slice(from));
  return pieces;
}
