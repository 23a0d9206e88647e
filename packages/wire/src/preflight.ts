// Preflight as it travels: what a model's rollouts need before they start.

import { GATES, type PreflightPolicy } from "@slipway/core";
import { z } from "zod";

const gateNameSchema = z.enum(GATES);

export const preflightPolicySchema: z.ZodType<PreflightPolicy> = z.object({
  required: z.array(gateNameSchema).max(GATES.length),
  evidenceAgeMsMax: z.number().int().positive(),
});
