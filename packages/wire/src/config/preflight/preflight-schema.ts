// The section `preflight` of a model: which gates a rollout needs, and how each gate is set up.

import { GATES, type PreflightPolicy } from "@slipway/core";
import { z } from "zod";
import { DEFAULT_EVIDENCE_AGE } from "../defaults.ts";
import { choice, duration } from "../fields/field.ts";
import { type ConfiguredGate, type GateSettings, gateSchemas } from "./gate-settings.ts";

const DAY_MS = 86_400_000;

/** As the file has it: what a rollout needs goes to the controller, the rest stays with who runs the gates. */
export type PreflightDraft = {
  readonly policy: PreflightPolicy;
  readonly gates: GateSettings;
};

export function isConfigured(gate: string): gate is ConfiguredGate {
  return Object.hasOwn(gateSchemas, gate);
}

/** In the order in which they run. */
export const CONFIGURED_GATES: readonly ConfiguredGate[] = GATES.filter(isConfigured);

const gateName = choice<ConfiguredGate>(
  "A gate that is set up beside this list.",
  Object.fromEntries(CONFIGURED_GATES.map((gate) => [gate, gate])),
);

export const preflightSchema: z.ZodType<PreflightDraft> = z
  .strictObject({
    required: z
      .array(gateName)
      .max(GATES.length)
      .meta({
        description:
          "Gates without whose pass no rollout of this model starts. Default: none; they run when asked.",
      })
      .prefault([]),
    "max-age": duration("Evidence older than this counts for nothing.", {
      min: 60_000,
      max: 365 * DAY_MS,
    }).prefault(DEFAULT_EVIDENCE_AGE),
    ...gateSchemas,
  })
  .meta({
    title: "preflight",
    description: "The gates before the first user: slipway preflight runs them.",
  })
  .transform(
    ({ required, "max-age": ageMs, ...gates }): PreflightDraft => ({
      policy: { required: [...new Set(required)], evidenceAgeMsMax: ageMs },
      gates: Object.fromEntries(
        Object.entries(gates).filter(([, settings]) => settings !== undefined),
      ),
    }),
  );
