// A moment in a flag: an ISO time, or how long ago, or how long from now.

import { readDuration } from "@slipway/wire/config";
import { usageError } from "../output.ts";

/** Milliseconds since the epoch. */
export function momentOption(text: string, nowMs: number): number {
  return momentOf(text, nowMs, -1);
}

/** As `momentOption`, for what lies ahead. */
export function laterOption(text: string, nowMs: number): number {
  return momentOf(text, nowMs, 1);
}

function momentOf(text: string, nowMs: number, direction: -1 | 1): number {
  const away = readDuration(text);
  if (away.ok) return nowMs + direction * away.value;
  const moment = /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isFinite(moment)) return moment;
  throw usageError(
    `${text} is not a time`,
    `write one such as 2026-01-15T09:30:00Z, or how long ${direction < 0 ? "ago" : "from now"}, such as 10m`,
  );
}
