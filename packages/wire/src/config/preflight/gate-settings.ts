// The settings of every gate, one line a gate: each has its schema in a file of its own beside this one.

import type { DrillOrder, GateName } from "@slipway/core";
import type { z } from "zod";
import { type BenchmarkGate, benchmarkGate } from "./benchmark-gate.ts";
import { type CapacityGate, capacityGate } from "./capacity-gate.ts";
import { type CommandGate, commandGate } from "./command-gate.ts";
import { type DriftGate, driftGate } from "./drift-gate.ts";
import { drillGate } from "./drill-gate.ts";
import { type LoadGate, loadGate } from "./load-gate.ts";
import { type PlanGate, planGate } from "./plan-gate.ts";
import { type PromptsGate, promptsGate } from "./prompts-gate.ts";
import { type ShadowGate, shadowGate } from "./shadow-gate.ts";
import { type SoakGate, soakGate } from "./soak-gate.ts";

/** What is set up; a gate that is absent does not run. */
export type GateSettings = {
  readonly benchmark?: BenchmarkGate;
  readonly command?: CommandGate;
  readonly plan?: PlanGate;
  readonly prompts?: PromptsGate;
  readonly shadow?: ShadowGate;
  readonly load?: LoadGate;
  readonly capacity?: CapacityGate;
  readonly drift?: DriftGate;
  readonly drill?: DrillOrder;
  readonly soak?: SoakGate;
};

/** A gate that slipway.yaml can set up. */
export type ConfiguredGate = keyof GateSettings & GateName;

export const gateSchemas: { readonly [G in ConfiguredGate]: z.ZodType<GateSettings[G]> } = {
  benchmark: benchmarkGate.optional(),
  command: commandGate.optional(),
  plan: planGate.optional(),
  prompts: promptsGate.optional(),
  shadow: shadowGate.optional(),
  load: loadGate.optional(),
  capacity: capacityGate.optional(),
  drift: driftGate.optional(),
  drill: drillGate.optional(),
  soak: soakGate.optional(),
};
