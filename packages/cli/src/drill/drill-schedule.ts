// Drills by schedule, beside a controller, one at a time. What was due while no controller ran is not made up for: the age of
// the last drill tells.

import type { DrillRecord } from "@slipway/core";
import type { ControlClient } from "../client/control-client.ts";
import { isDue, messageOf, missed, scheduledModels } from "../schedule.ts";

export type Scheduled = {
  readonly client: Pick<ControlClient, "models"> & {
    readonly drilling: Pick<ControlClient["drilling"], "look" | "miss">;
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
    const what = `drill of ${name}`;
    if (!(await isDrillDue(client, name, { fromMs, toMs, tell }))) continue;
    try {
      const { passed, because } = await drill(name);
      tell(`${what}: ${passed ? "passed" : "FAILED"}: ${because}`);
    } catch (error) {
      // Whoever ends the controller is no reason to worry.
      if (signal.aborted) return;
      await missed({
        what: `${what}: could not be run`,
        ...{ error, tell },
        keep: (because) => client.drilling.miss(name, { because }),
      });
    }
  }
}

type Due = {
  readonly fromMs: number;
  readonly toMs: number;
  readonly tell: Scheduled["tell"];
};

async function isDrillDue(
  client: Scheduled["client"],
  name: string,
  { fromMs, toMs, tell }: Due,
): Promise<boolean> {
  try {
    const { schedule } = (await client.drilling.look(name)).order;
    return schedule !== null && isDue(schedule, fromMs, toMs);
  } catch (error) {
    tell(`drill of ${name}: could not be run: ${messageOf(error)}`);
    return false;
  }
}
