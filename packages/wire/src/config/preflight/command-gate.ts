// The gate `command` as slipway.yaml writes it: the team's own suite, run against the candidate.

import { z } from "zod";
import { duration } from "../fields/field.ts";
import { nameField } from "../fields/name-field.ts";

export type CommandGate = {
  /** A line for the shell, run in the folder of slipway.yaml. */
  readonly run: string;
  readonly timeoutMs: number;
};

const HOUR_MS = 3_600_000;

export const commandGate: z.ZodType<CommandGate> = z
  .strictObject({
    run: nameField(
      "A line for the shell, run in the folder of this file. SLIPWAY_BASE_URL and SLIPWAY_MODEL name the candidate; exit code 0 passes.",
    ),
    timeout: duration("It is ended, and the gate fails, after so long.", {
      min: 1_000,
      max: 24 * HOUR_MS,
    }).prefault("10m"),
  })
  .meta({
    title: "the gate command",
    description: "The team's own suite, run against the candidate.",
  })
  .transform(({ run, timeout }): CommandGate => ({ run, timeoutMs: timeout }));
