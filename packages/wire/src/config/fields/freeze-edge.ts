// An edge of a freeze in slipway.yaml: a time of day, a weekday with a time, or a date with or without one.

import { dateOf, dayOf } from "@slipway/core";
import { quoted, type Reading } from "../document/quantity.ts";

export const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

export type Edge =
  | { readonly kind: "time"; readonly minute: number }
  /** Days since Monday. */
  | { readonly kind: "weekday"; readonly day: number; readonly minute: number }
  /** Days since 1970-01-01; null for the whole day. */
  | { readonly kind: "date"; readonly day: number; readonly minute: number | null };

const TIME = "(?:[01]\\d|2[0-3]):[0-5]\\d|24:00";
const DATE = "\\d{4}-\\d\\d-\\d\\d";
export const EDGE_PATTERN: string = `^((${WEEKDAYS.join("|")}) )?(${TIME})$|^${DATE}( (${TIME}))?$`;
const CLOCK = new RegExp(`^(?:(${WEEKDAYS.join("|")}) )?(${TIME})$`);
const DATED = new RegExp(`^(${DATE})(?: (${TIME}))?$`);

export function readEdge(value: unknown): Reading<Edge> {
  const text = typeof value === "string" ? value : "";
  const clock = CLOCK.exec(text);
  if (clock !== null) {
    const minute = minuteOf(clock[2] ?? "");
    const day = (WEEKDAYS as readonly string[]).indexOf(clock[1] ?? "");
    return {
      ok: true,
      value: day < 0 ? { kind: "time", minute } : { kind: "weekday", day, minute },
    };
  }
  const dated = DATED.exec(text);
  const day = dated === null ? null : knownDay(dated[1] ?? "");
  if (dated !== null && day !== null) {
    const minute = dated[2] === undefined ? null : minuteOf(dated[2]);
    return { ok: true, value: { kind: "date", day, minute } };
  }
  return {
    ok: false,
    message: `${quoted(value)} is no time of a freeze`,
    fix: "write one such as fri 16:00, 18:00, 2026-12-20 or 2026-12-20 18:00",
  };
}

function minuteOf(time: string): number {
  const [hours = "0", minutes = "0"] = time.split(":");
  return Number(hours) * 60 + Number(minutes);
}

/** Null for one that no calendar has, such as a 30 February. */
function knownDay(text: string): number | null {
  const [year = 0, month = 0, day = 0] = text.split("-").map(Number);
  const days = dayOf(year, month, day);
  const date = dateOf(days);
  return date.year === year && date.month === month && date.day === day ? days : null;
}
