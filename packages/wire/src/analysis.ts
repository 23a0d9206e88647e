// The analysis of an incident as the control API answers it: causes, ranked, with the counts behind each.

import {
  type Analysis,
  CAUSES,
  type CauseData,
  type Harm,
  type Hypothesis,
  type KindHarm,
  type Untested,
} from "@slipway/core";
import { z } from "zod";

const share = z.number().min(0).max(1);
const cause = z.enum(CAUSES);
const tested = z.object({ n: z.number(), bad: z.number() });

const kindSchema: z.ZodType<KindHarm> = z.object({
  kind: z.string(),
  segment: z.string().nullable(),
  candidate: tested,
  expected: z.number(),
  excess: z.number(),
  z: z.number(),
  stable: z.number().nullable(),
});

const harmSchema: z.ZodType<Harm> = z.object({
  family: z.enum(["requests", "labels"]),
  total: z.number(),
  kinds: z.array(kindSchema),
});

const dataSchema: z.ZodType<CauseData> = z.object({
  head: z.array(z.string()),
  rows: z.array(z.array(z.union([z.string(), z.number(), z.null()]))),
});

const hypothesisSchema: z.ZodType<Hypothesis> = z.object({
  kind: z.literal("tested"),
  cause,
  score: share,
  share,
  text: z.string(),
  data: dataSchema,
});

const untestedSchema: z.ZodType<Untested> = z.object({
  kind: z.literal("untested"),
  cause,
  why: z.string(),
});

export const analysisSchema: z.ZodType<Analysis> = z.object({
  incidentId: z.string(),
  harm: harmSchema,
  hypotheses: z.array(hypothesisSchema),
  rejected: z.array(hypothesisSchema),
  untested: z.array(untestedSchema),
});
