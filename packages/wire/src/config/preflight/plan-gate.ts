// The gate `plan` as slipway.yaml writes it: whose the way back is, and who is told.

import { z } from "zod";
import { duration } from "../fields/field.ts";
import { nameField } from "../fields/name-field.ts";

export type PlanGate = {
  readonly owner: string;
  readonly tell: readonly string[];
  /** For the one request that each of stable's servers is asked. */
  readonly timeoutMs: number;
};

const TOLD_MAX = 50;

export const planGate: z.ZodType<PlanGate> = z
  .strictObject({
    owner: nameField("Who owns the way back: a role or a rota, reachable while a rollout runs."),
    tell: z
      .array(nameField("A person, a channel or an address."))
      .min(1)
      .max(TOLD_MAX)
      .meta({ description: "Who is told when a rollout is rolled back." }),
    timeout: duration("For the one request that each of stable's servers is asked.", {
      min: 1_000,
      max: 600_000,
    }).prefault("30s"),
  })
  .meta({ title: "the gate plan", description: "The way back: whose it is, and that it is there." })
  .transform(({ owner, tell, timeout }): PlanGate => ({ owner, tell, timeoutMs: timeout }));
