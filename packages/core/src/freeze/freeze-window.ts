// Declared freezes: windows that come every week, or once, by the clocks of a time zone. Where clocks are set back over
// its end a window lasts until they show it for the second time, where they are set forward over an edge it lies there.

import { DAY_MS, MINUTE_MS, WEEK_MS } from "./civil-time.ts";
import { instantsOf, localMsAt } from "./time-zone.ts";

/** By the clock, from so many minutes after Monday 00:00, for so many minutes, at most a week. */
export type WeekSpan = { readonly fromMinute: number; readonly minutes: number };

type Named = {
  /** Unique among the windows of one model, or of all. */
  readonly name: string;
  /** Why; the empty text where only the name says it. */
  readonly reason: string;
  /** Such as Europe/Berlin. */
  readonly zone: string;
};

export type FreezeWindow =
  | (Named & { readonly kind: "weekly"; readonly spans: readonly WeekSpan[] })
  /** Local times, see `civil-time.ts`. */
  | (Named & { readonly kind: "dated"; readonly fromLocalMs: number; readonly toLocalMs: number });

/** From a moment up to, not with, another. */
export type FreezeStretch = { readonly sinceMs: number; readonly untilMs: number };

/** 1970-01-05 was a Monday. */
const MONDAY_MS = 4 * DAY_MS;

/** The stretch of a window in which a moment lies; null for none. */
export function stretchAt(window: FreezeWindow, atMs: number): FreezeStretch | null {
  return (
    stretchesNear(window, atMs).find(({ sinceMs, untilMs }) => sinceMs <= atMs && atMs < untilMs) ??
    null
  );
}

/** The next stretch of a window that begins after a moment; null for none. */
export function stretchAfter(window: FreezeWindow, atMs: number): FreezeStretch | null {
  const later = stretchesNear(window, atMs).filter(({ sinceMs }) => sinceMs > atMs);
  return later.toSorted((a, b) => a.sinceMs - b.sinceMs)[0] ?? null;
}

function stretchesNear(window: FreezeWindow, atMs: number): readonly FreezeStretch[] {
  const { zone } = window;
  if (window.kind === "dated") return [stretchOf(zone, window.fromLocalMs, window.toLocalMs)];
  const weekMs = Math.floor((localMsAt(zone, atMs) - MONDAY_MS) / WEEK_MS) * WEEK_MS + MONDAY_MS;
  return [-1, 0, 1].flatMap((weeks) =>
    window.spans.map(({ fromMinute, minutes }) => {
      const fromLocalMs = weekMs + weeks * WEEK_MS + fromMinute * MINUTE_MS;
      return stretchOf(zone, fromLocalMs, fromLocalMs + minutes * MINUTE_MS);
    }),
  );
}

function stretchOf(zone: string, fromLocalMs: number, toLocalMs: number): FreezeStretch {
  return {
    sinceMs: instantsOf(zone, fromLocalMs).firstMs,
    untilMs: instantsOf(zone, toLocalMs).lastMs,
  };
}
