// Runs one drill with real gateways and a real controller.

import type { DrillFault, DrillRecord } from "@slipway/core";
import type { ControlClient } from "../client/control-client.ts";
import { drillingOf, type GrantedKeys } from "../preflight/control-ports.ts";

export type DrillRun = {
  readonly client: ControlClient;
  readonly model: string;
  /** Who asked for it. */
  readonly by: string;
  readonly keys: GrantedKeys;
  readonly fault: DrillFault;
  readonly progress: (text: string) => void;
  readonly signal: AbortSignal;
};

export async function drilled(run: DrillRun): Promise<DrillRecord> {
  // Loaded when first needed: a controller that drills nothing needs none of it.
  const { rehearsed } = await import("@slipway/preflight");
  const { chatClient, systemClock } = await import("@slipway/preflight/edge");
  const chat = chatClient();
  try {
    return await rehearsed({
      drilling: drillingOf(run.client, run.model, run.by, run.keys),
      ask: chat.ask,
      clock: systemClock,
      fault: run.fault,
      progress: run.progress,
      signal: run.signal,
    });
  } finally {
    await chat.close();
  }
}
