// Time zones: what the clocks of a place show at a moment, and at which moments they show a time. Pure for a given
// edition of the time zone data; what follows from it is journaled, so that no decision depends on the edition.

import { DAY_MS, dayOf, MINUTE_MS } from "./civil-time.ts";

/** Formats kept; there are fewer zones than this. */
const FORMATS_MAX = 1_000;
const formats = new Map<string, Intl.DateTimeFormat>();

/** Whether a name such as Europe/Berlin is known. */
export function isTimeZone(name: string): boolean {
  try {
    formatOf(name);
    return true;
  } catch {
    return false;
  }
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    calendar: "gregory",
    numberingSystem: "latn",
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  if (formats.size >= FORMATS_MAX) formats.clear();
  formats.set(zone, format);
  return format;
}

/** What the clocks show, to the second, as milliseconds since 1970-01-01T00:00 on them. */
export function localMsAt(zone: string, atMs: number): number {
  const shown = new Map<string, number>();
  for (const { type, value } of formatOf(zone).formatToParts(atMs)) shown.set(type, Number(value));
  const of = (part: string): number => shown.get(part) ?? 0;
  const minutes = of("hour") * 60 + of("minute");
  return (
    dayOf(of("year"), of("month"), of("day")) * DAY_MS + minutes * MINUTE_MS + of("second") * 1_000
  );
}

/** The first and the last moment at which the clocks show a time; where they skip it, the moment when they do. */
export type Instants = { readonly firstMs: number; readonly lastMs: number };

/** A time is shown twice when clocks are set back over it, and never when they are set forward over it. */
export function instantsOf(zone: string, localMs: number): Instants {
  // Clocks are set once in two days at most, so these are the offsets before and after.
  const before = offsetMsAt(zone, localMs - DAY_MS);
  const after = offsetMsAt(zone, localMs + DAY_MS);
  const shown = [localMs - before, localMs - after].filter(
    (atMs) => localMsAt(zone, atMs) === localMs,
  );
  if (shown.length > 0) return { firstMs: Math.min(...shown), lastMs: Math.max(...shown) };
  let [low, high] = [localMs - after, localMs - before];
  while (high - low > 1_000) {
    const middle = Math.floor((low + high) / 2_000) * 1_000;
    if (offsetMsAt(zone, middle) === before) low = middle;
    else high = middle;
  }
  return { firstMs: high, lastMs: high };
}

function offsetMsAt(zone: string, atMs: number): number {
  return localMsAt(zone, atMs) - Math.floor(atMs / 1_000) * 1_000;
}
