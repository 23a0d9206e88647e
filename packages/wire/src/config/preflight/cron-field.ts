// A field that holds a cron expression. What one may say is core's to know: the control API reads it by the same rule.

import { CRON_FIX, CRON_LENGTH_MAX, readCron } from "@slipway/core";
import type { z } from "zod";
import { kindOf, type Reading } from "../document/quantity.ts";
import { field } from "../fields/field.ts";

export function cronField(description: string): z.ZodType<string> {
  return field(read, {
    type: "string",
    minLength: 1,
    maxLength: CRON_LENGTH_MAX,
    description,
    examples: ["0 9 * * MON"],
  });
}

function read(value: unknown): Reading<string> {
  if (typeof value === "string") return readCron(value);
  return { ok: false, message: `${kindOf(value)} is not a cron expression`, fix: CRON_FIX };
}
