// Every gate, by its name.

import { commandGate } from "./command/command-gate.ts";
import type { Gates } from "./gate.ts";
import { promptsGate } from "./prompts/prompts-gate.ts";

export const gates: Gates = {
  command: commandGate,
  prompts: promptsGate,
};
