// A cron expression over the control API, read by the rule that reads it in slipway.yaml.

import { CRON_LENGTH_MAX, readCron } from "@slipway/core";
import { z } from "zod";

export const cronSchema: z.ZodType<string> = z
  .string()
  .min(1)
  .max(CRON_LENGTH_MAX)
  .superRefine((value, context) => {
    const reading = readCron(value);
    if (reading.ok) return;
    const { message, fix } = reading;
    context.addIssue({ code: "custom", message, params: { fix }, input: value });
  });
