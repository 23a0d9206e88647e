// A field that holds a cron expression: five fields of numbers, names, ranges, steps and lists. What it means is for whoever
// runs by it.

import type { z } from "zod";
import { kindOf, type Reading } from "../document/quantity.ts";
import { field } from "../fields/field.ts";

/** Minute, hour, day of the month, month, day of the week. */
const FIELDS = 5;
const PART = /^(?:\*|[A-Za-z0-9]+(?:-[A-Za-z0-9]+)?)(?:\/\d+)?$/;
const FIX = "write minute, hour, day, month and weekday, such as 0 9 * * MON";

export function cronField(description: string): z.ZodType<string> {
  return field(readCron, {
    type: "string",
    minLength: 1,
    description,
    examples: ["0 9 * * MON"],
  });
}

function readCron(value: unknown): Reading<string> {
  if (typeof value !== "string") {
    return { ok: false, message: `${kindOf(value)} is not a cron expression`, fix: FIX };
  }
  const fields = value.trim().split(/\s+/);
  const isCron =
    fields.length === FIELDS &&
    fields.every((one) => one.split(",").every((part) => PART.test(part)));
  if (isCron) return { ok: true, value: fields.join(" ") };
  return { ok: false, message: `"${value}" is not a cron expression`, fix: FIX };
}
