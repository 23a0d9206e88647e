// A reason, as every decision, verdict and post carries it.

import type { Because, Said } from "@slipway/core";
import { z } from "zod";
import { saidSchema } from "./freeze.ts";

const becauseFields = {
  code: z.string(),
  text: z.string(),
  guard: z.string().exactOptional(),
  measured: z.number().exactOptional(),
  limit: z.number().exactOptional(),
  page: z.literal(true).exactOptional(),
};

export const becauseSchema: z.ZodType<Because> = z.object(becauseFields);

/** A decision that a person must look at now. */
export type OpenPage = Because & {
  /** Who does; null while nobody has said so. */
  readonly acknowledged: Said | null;
};

export const openPageSchema: z.ZodType<OpenPage> = z.object({
  ...becauseFields,
  acknowledged: saidSchema.nullable(),
});
