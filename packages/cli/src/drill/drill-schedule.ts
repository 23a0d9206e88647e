// Drills by schedule, beside a controller, one at a time. What is wrong with one model, or with what the controller says of it,
// keeps no other from being drilled.

import type { DrillRecord } from "@slipway/core";
import type { DrillsView, ModelView } from "@slipway/wire";
import type { ControlClient } from "../client/control-client.ts";
import { type Due, messageOf, missed, scheduledModels } from "../schedule.ts";

export type Scheduled = {
  readonly client: Pick<ControlClient, "models"> & {
    readonly drilling: Pick<ControlClient["drilling"], "look" | "miss">;
  };
  readonly isDue: Due;
  readonly drill: (model: string) => Promise<DrillRecord>;
  readonly tell: (text: string) => void;
  /** Aborted when the controller ends: no drill begins any more. */
  readonly signal: AbortSignal;
};

/** Looks once: at what has come due after `fromMs`, up to and with `toMs`. Rejects where the controller does not say what has. */
export async function drillDue(scheduled: Scheduled, fromMs: number, toMs: number): Promise<void> {
  for (const model of await scheduledModels(scheduled.client)) {
    if (scheduled.signal.aborted) return;
    await modelDrilled(scheduled, model, fromMs, toMs);
  }
}

async function modelDrilled(
  { client, isDue, drill, tell, signal }: Scheduled,
  { name, schedules }: ModelView,
  fromMs: number,
  toMs: number,
): Promise<void> {
  const what = `drill of ${name}`;
  let before: DrillsView | null = null;
  try {
    if (schedules.drill === null || !isDue(name, schedules.drill, fromMs, toMs)) return;
    before = await client.drilling.look(name);
    const { passed, because } = await drill(name);
    tell(`${what}: ${passed ? "passed" : "FAILED"}: ${because}`);
  } catch (error) {
    // Whoever ends the controller is no reason to worry.
    if (signal.aborted) return;
    if (before !== null && (await hasBegun(client, before))) {
      tell(`${what}: FAILED: ${messageOf(error)}`);
      return;
    }
    await missed({
      what: `${what}: could not be run`,
      ...{ error, tell },
      keep: (because) => client.drilling.miss(name, { because }),
    });
  }
}

/** One that began is told of by its record, as a drill that failed: it is no missed one as well. */
async function hasBegun(client: Scheduled["client"], before: DrillsView): Promise<boolean> {
  try {
    const after = await client.drilling.look(before.model);
    return newestOf(after) !== newestOf(before);
  } catch {
    return false;
  }
}

/** Its rollout; of the one under way, which gives way by itself and leaves a record then. */
function newestOf({ drilling, drills }: DrillsView): string | null {
  return drilling?.rollout ?? drills.at(-1)?.rollout ?? null;
}
