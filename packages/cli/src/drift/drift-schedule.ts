// Looks for drift by schedule, beside a controller: every version that is to be watched, one after the other.

import type { DriftVersion, DriftView } from "@slipway/wire";
import type { ControlClient } from "../client/control-client.ts";
import { isDue, missed, scheduledModels } from "../schedule.ts";
import { lookText } from "./drift-text.ts";

export type ScheduledLooks = {
  readonly client: Pick<ControlClient, "models"> & {
    readonly drift: Pick<ControlClient["drift"], "view" | "miss">;
  };
  readonly look: (view: DriftView, version: DriftVersion) => Promise<DriftView>;
  readonly tell: (text: string) => void;
  /** Aborted when the controller ends: no look begins any more. */
  readonly signal: AbortSignal;
};

/** Looks at what has come due after `fromMs`, up to and with `toMs`. */
export async function driftLooksDue(
  looks: ScheduledLooks,
  fromMs: number,
  toMs: number,
): Promise<void> {
  const { client, signal } = looks;
  for (const name of await scheduledModels(client)) {
    if (signal.aborted) return;
    const view = await client.drift.view(name);
    const schedule = view.order?.schedule ?? null;
    if (schedule === null || !isDue(schedule, fromMs, toMs)) continue;
    for (const version of view.versions.filter(({ scheduled }) => scheduled)) {
      await lookedAt(looks, view, version);
    }
  }
}

async function lookedAt(
  { client, look, tell, signal }: ScheduledLooks,
  view: DriftView,
  version: DriftVersion,
): Promise<void> {
  if (signal.aborted) return;
  try {
    tell(lookText(await look(view, version), version.id).trimEnd());
  } catch (error) {
    // Whoever ends the controller is no reason to worry.
    if (signal.aborted) return;
    await missed({
      what: `drift of ${view.model} ${version.id}: could not be looked for`,
      ...{ error, tell },
      keep: (because) => client.drift.miss(view.model, { version: version.id, because }),
    });
  }
}
