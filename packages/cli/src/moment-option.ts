// A moment in a flag: an ISO time, or how long ago.

import { readDuration } from "@slipway/wire/config";
import { usageError } from "./output.ts";

/** Milliseconds since the epoch. */
export function momentOption(text: string, nowMs: number): number {
  const ago = readDuration(text);
  if (ago.ok) return nowMs - ago.value;
  const moment = /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isFinite(moment)) return moment;
  throw usageError(
    `${text} is not a time`,
    "write one such as 2026-01-15T09:30:00Z, or how long ago, such as 10m",
  );
}
