// What a benchmark's stream looks like: chat completion chunks that carry their number and the time they were
// written, and a last one with a checksum of all before it. Both ends count by it what was lost, doubled or changed.
import { crc32 } from "node:zlib";
import { nowNs } from "./monotonic.ts";

export const CHUNKS = 50;
export const CHUNK_GAP_MS = 20;

const HEAD =
  'data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"bench","choices":[{"index":0,"delta":{"content":"';
const TAIL = '"},"finish_reason":null}]}\n\n';
const SUM = "sum:";
export const DONE = "data: [DONE]\n\n";

export function chunkText(number: number): string {
  return `${HEAD}${number}:${nowNs()}${TAIL}`;
}

export function sumText(sum: number): string {
  return `${HEAD}${SUM}${sum}${TAIL}`;
}

export function sumWith(sum: number, text: string): number {
  return crc32(text, sum);
}

export type Event =
  | { readonly kind: "chunk"; readonly number: number; readonly writtenNs: number }
  | { readonly kind: "sum"; readonly sum: number }
  | { readonly kind: "other" };

const CONTENT = '"content":"';

/** Reads one event of such a stream, with its blank line. */
export function eventOf(text: string): Event {
  const at = text.indexOf(CONTENT);
  if (at < 0) return { kind: "other" };
  const from = at + CONTENT.length;
  const content = text.slice(from, text.indexOf('"', from));
  if (content.startsWith(SUM)) return { kind: "sum", sum: Number(content.slice(SUM.length)) };
  const colon = content.indexOf(":");
  return {
    kind: "chunk",
    number: Number(content.slice(0, colon)),
    writtenNs: Number(content.slice(colon + 1)),
  };
}
