// A histogram as it travels.

import { BIN_MAX, BIN_MIN, type Histogram } from "@slipway/core";
import { z } from "zod";

const count = z.number().int().nonnegative();

export const histogramSchema: z.ZodType<Histogram> = z.object({
  first: z.number().int().min(BIN_MIN).max(BIN_MAX),
  counts: z.array(count).max(BIN_MAX - BIN_MIN + 1),
  over: count,
});
