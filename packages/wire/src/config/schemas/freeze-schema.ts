// Freezes as slipway.yaml writes them: every week from a day and a time to another, every day, or once between two
// dates; always by the clocks of a time zone.

import { DAY_MS, type FreezeWindow, isTimeZone, MINUTE_MS, type WeekSpan } from "@slipway/core";
import { z } from "zod";
import { FREEZE_WINDOWS_MAX } from "../../freeze.ts";
import { quoted, type Reading } from "../document/quantity.ts";
import { nearest } from "../document/spelling.ts";
import { field } from "../fields/field.ts";
import { EDGE_PATTERN, type Edge, readEdge, WEEKDAYS } from "../fields/freeze-edge.ts";

const DAY_MINUTES = 24 * 60;
const WEEK_MINUTES = 7 * DAY_MINUTES;
const REASON_LENGTH_MAX = 2_000;

function readZone(value: unknown): Reading<string> {
  if (typeof value === "string" && isTimeZone(value)) return { ok: true, value };
  const known = Intl.supportedValuesOf("timeZone");
  const near = typeof value === "string" ? nearest(value, known) : null;
  const fix = near === null ? "write one such as Europe/Berlin or UTC" : `did you mean ${near}?`;
  return { ok: false, message: `${quoted(value)} is no time zone`, fix };
}

function edge(description: string): z.ZodType<Edge> {
  return field(readEdge, { type: "string", pattern: EDGE_PATTERN, description });
}

type Written = {
  readonly from: Edge;
  readonly to: Edge;
  readonly days?: readonly (typeof WEEKDAYS)[number][] | undefined;
};

type When =
  | { readonly kind: "weekly"; readonly spans: readonly WeekSpan[] }
  | { readonly kind: "dated"; readonly fromLocalMs: number; readonly toLocalMs: number };

type WindowDraft = When & { readonly zone: string; readonly reason: string };

type Wrong = { readonly message: string; readonly fix: string };

function whenOf({ from, to, days }: Written): When | Wrong {
  if (days !== undefined && from.kind !== "time") {
    return {
      message: "days go with times alone",
      fix: "write from and to as times, such as 18:00, or remove days",
    };
  }
  if (from.kind === "time" && to.kind === "time") {
    const minutes = to.minute - from.minute + (to.minute > from.minute ? 0 : DAY_MINUTES);
    const begins = (days ?? WEEKDAYS).map((day) => WEEKDAYS.indexOf(day) * DAY_MINUTES);
    return {
      kind: "weekly",
      spans: begins.map((day) => ({ fromMinute: day + from.minute, minutes })),
    };
  }
  if (from.kind === "weekday" && to.kind === "weekday") return weekly(from, to);
  if (from.kind === "date" && to.kind === "date") return dated(from, to);
  return {
    message: "from and to are not of one kind",
    fix: "write two times, two days with times (fri 16:00), or two dates",
  };
}

function weekly(from: Edge & { kind: "weekday" }, to: Edge & { kind: "weekday" }): When | Wrong {
  const fromMinute = from.day * DAY_MINUTES + from.minute;
  const minutes = (to.day * DAY_MINUTES + to.minute - fromMinute + WEEK_MINUTES) % WEEK_MINUTES;
  if (minutes === 0) {
    return { message: "it ends when it begins", fix: "write another time for one of them" };
  }
  return { kind: "weekly", spans: [{ fromMinute: fromMinute % WEEK_MINUTES, minutes }] };
}

/** A last day without a time is frozen to its end. */
function dated(from: Edge & { kind: "date" }, to: Edge & { kind: "date" }): When | Wrong {
  const fromLocalMs = from.day * DAY_MS + (from.minute ?? 0) * MINUTE_MS;
  const toLocalMs = to.day * DAY_MS + (to.minute ?? DAY_MINUTES) * MINUTE_MS;
  if (toLocalMs <= fromLocalMs) {
    return { message: "it ends before it begins", fix: "write a later date as to" };
  }
  return { kind: "dated", fromLocalMs, toLocalMs };
}

const freezeWindow = z
  .strictObject({
    from: edge("When it begins: fri 16:00, 18:00 for every day, or 2026-12-20."),
    to: edge("When it ends, of the same kind; a date without a time counts to its end."),
    days: z
      .array(z.enum(WEEKDAYS))
      .min(1)
      .max(WEEKDAYS.length)
      .meta({ description: "Where from and to are times: the days on which it begins; else all." })
      .optional(),
    zone: field(readZone, {
      type: "string",
      description: "The time zone whose clocks count, such as Europe/Berlin.",
    }),
    reason: z
      .string()
      .max(REASON_LENGTH_MAX)
      .meta({ description: "Why, as whoever is held up by it is told." })
      .prefault(""),
  })
  .meta({ title: "a freeze" })
  .transform((written, context): WindowDraft => {
    const when = whenOf(written);
    if ("kind" in when) return { zone: written.zone, reason: written.reason, ...when };
    const { message, fix } = when;
    context.addIssue({ code: "custom", message, params: { fix }, input: written });
    return z.NEVER;
  });

/** Name → window, as a list in the order of the file. */
export const freezeSchema: z.ZodType<readonly FreezeWindow[]> = z
  .record(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/), freezeWindow)
  .refine((windows) => Object.keys(windows).length <= FREEZE_WINDOWS_MAX, {
    message: `more than ${FREEZE_WINDOWS_MAX} freezes`,
  })
  .meta({
    title: "freeze",
    description: "When rollouts do not move forwards, by name.",
    maxProperties: FREEZE_WINDOWS_MAX,
  })
  .transform((windows) =>
    Object.entries(windows).map(([name, window]): FreezeWindow => ({ name, ...window })),
  );
