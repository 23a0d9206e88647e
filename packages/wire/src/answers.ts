// The policy of kept answers as it travels.

import { type AnswersPolicy, LIVE_SCORERS } from "@slipway/core";
import { z } from "zod";

const PATTERNS_MAX = 50;
const PATTERN_LENGTH_MAX = 200;
/** They travel with every table. */
export const PACKAGES_MAX = 2_000;

export const answersPolicySchema: z.ZodType<AnswersPolicy> = z.object({
  sample: z.number().min(0).max(1),
  redact: z.array(z.string().max(PATTERN_LENGTH_MAX)).max(PATTERNS_MAX),
  bytesMax: z.number().int().positive(),
  ageMsMax: z.number().int().positive(),
  score: z.array(z.enum(LIVE_SCORERS)).min(1).exactOptional(),
  packages: z.array(z.string().max(PATTERN_LENGTH_MAX)).max(PACKAGES_MAX).exactOptional(),
});
