// Every gate, by its name.

import { benchmarkGate } from "./benchmark/benchmark-gate.ts";
import { capacityGate } from "./capacity/capacity-gate.ts";
import { commandGate } from "./command/command-gate.ts";
import { driftGate } from "./drift/drift-gate.ts";
import { drillGate } from "./drill/drill-gate.ts";
import type { Gates } from "./gate.ts";
import { loadGate } from "./load/load-gate.ts";
import { soakGate } from "./load/soak-gate.ts";
import { planGate } from "./plan/plan-gate.ts";
import { promptsGate } from "./prompts/prompts-gate.ts";
import { shadowGate } from "./shadow/shadow-gate.ts";

export const gates: Gates = {
  benchmark: benchmarkGate,
  command: commandGate,
  plan: planGate,
  prompts: promptsGate,
  drift: driftGate,
  shadow: shadowGate,
  load: loadGate,
  capacity: capacityGate,
  drill: drillGate,
  soak: soakGate,
};
