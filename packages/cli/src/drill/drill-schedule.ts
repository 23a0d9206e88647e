// Drills by schedule, beside a controller, one at a time. What was due while no controller ran is not made up for: the age of
// the last drill tells.

import type { DrillRecord } from "@slipway/core";
import type { ControlClient } from "../client/control-client.ts";
import { isDue, messageOf, scheduledModels } from "../schedule.ts";

export type Scheduled = {
  readonly client: Pick<ControlClient, "models"> & {
    readonly drilling: Pick<ControlClient["drilling"], "look">;
  };
  readonly drill: (model: string) => Promise<DrillRecord>;
  readonly tell: (text: string) => void;
  /** Aborted when the controller ends: no drill begins any more. */
  readonly signal: AbortSignal;
};

/** Looks once: at what has come due after `fromMs`, up to and with `toMs`. */
export async function drillDue(
  { client, drill, tell, signal }: Scheduled,
  fromMs: number,
  toMs: number,
): Promise<void> {
  for (const name of await scheduledModels(client)) {
    if (signal.aborted) return;
    try {
      const { schedule } = (await client.drilling.look(name)).order;
      if (schedule === null || !isDue(schedule, fromMs, toMs)) continue;
      const { passed, because } = await drill(name);
      tell(`drill of ${name}: ${passed ? "passed" : "FAILED"}: ${because}`);
    } catch (error) {
      tell(`drill of ${name}: could not be run: ${messageOf(error)}`);
    }
  }
}
