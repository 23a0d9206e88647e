// The value of a node as its reader reads it, for findings that look at whatever parts of the file can be read.

import type { Located } from "./located.ts";
import { type Reading, readDuration } from "./quantity.ts";

/** Null where it is missing or wrong, which others report. */
export function read<T>(node: Located | null, reader: (value: unknown) => Reading<T>): T | null {
  const reading = node === null ? null : reader(node.value);
  return reading?.ok === true ? reading.value : null;
}

/** Of a default, which is well-formed. */
export function durationOf(text: string): number {
  const reading = readDuration(text);
  return reading.ok ? reading.value : 0;
}

export function textOr(node: Located | null, fallback: string): string {
  return node === null ? fallback : String(node.value);
}
