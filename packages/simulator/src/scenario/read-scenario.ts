// The text of a scenario's file → the scenario, or what is wrong with it and where.
import { type Problem, readDocument } from "@slipway/wire/config";
import type { Scenario } from "./scenario.ts";
import { scenarioSchema } from "./scenario-schema.ts";

export type ReadScenario =
  | { readonly ok: true; readonly scenario: Scenario }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** `file`: as problems name it. */
export function readScenario(name: string, file: string, text: string): ReadScenario {
  const read = readDocument({ file, text }, scenarioSchema);
  return read.ok ? { ok: true, scenario: { name, ...read.value } } : read;
}
