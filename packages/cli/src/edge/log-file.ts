// The log of a supervised child: appended to, and put aside when it has grown large.

import { closeSync, fstatSync, mkdirSync, openSync, readSync, renameSync } from "node:fs";
import { dirname } from "node:path";

const SIZE_MAX_BYTES = 32 * 1024 * 1024;
const TAIL_BYTES = 2_000;

/** A descriptor to append to. One older file is kept. */
export function openLog(file: string): number {
  mkdirSync(dirname(file), { recursive: true });
  const opened = openSync(file, "a");
  if (fstatSync(opened).size <= SIZE_MAX_BYTES) return opened;
  closeSync(opened);
  renameSync(file, `${file}.1`);
  return openSync(file, "a");
}

/** The last lines, for when a child ended without saying why. */
export function logTail(file: string, lines: number): readonly string[] {
  const opened = openSync(file, "r");
  try {
    const { size } = fstatSync(opened);
    const bytes = Buffer.alloc(Math.min(size, TAIL_BYTES));
    readSync(opened, bytes, 0, bytes.length, size - bytes.length);
    return bytes.toString("utf8").trimEnd().split("\n").slice(-lines);
  } finally {
    closeSync(opened);
  }
}
