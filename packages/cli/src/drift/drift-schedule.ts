// Looks for drift by schedule, beside a controller: every version that is to be watched, one after the other. What is wrong
// with one model, or with what the controller says of it, keeps no other from being looked at.

import type { DriftVersion, DriftView, ModelView } from "@slipway/wire";
import type { ControlClient } from "../client/control-client.ts";
import { type Due, missed, scheduledModels } from "../schedule.ts";
import { lookText } from "./drift-text.ts";

export type ScheduledLooks = {
  readonly client: Pick<ControlClient, "models"> & {
    readonly drift: Pick<ControlClient["drift"], "view" | "miss">;
  };
  readonly isDue: Due;
  readonly look: (view: DriftView, version: DriftVersion) => Promise<DriftView>;
  readonly tell: (text: string) => void;
  /** Aborted when the controller ends: no look begins any more. */
  readonly signal: AbortSignal;
};

/** Looks at what has come due after `fromMs`, up to and with `toMs`. Rejects where the controller does not say what has. */
export async function driftLooksDue(
  looks: ScheduledLooks,
  fromMs: number,
  toMs: number,
): Promise<void> {
  for (const model of await scheduledModels(looks.client)) {
    if (looks.signal.aborted) return;
    await modelLookedAt(looks, model, fromMs, toMs);
  }
}

async function modelLookedAt(
  looks: ScheduledLooks,
  { name, schedules: { drift } }: ModelView,
  fromMs: number,
  toMs: number,
): Promise<void> {
  if (drift === null) return;
  let view: DriftView;
  try {
    if (!looks.isDue(name, drift.cron, fromMs, toMs)) return;
    view = await looks.client.drift.view(name);
  } catch (error) {
    for (const version of drift.versions) await lookMissed(looks, name, version, error);
    return;
  }
  for (const version of view.versions.filter(({ scheduled }) => scheduled)) {
    await lookedAt(looks, view, version);
  }
}

async function lookedAt(
  looks: ScheduledLooks,
  view: DriftView,
  version: DriftVersion,
): Promise<void> {
  const { look, tell, signal } = looks;
  if (signal.aborted) return;
  try {
    tell(lookText(await look(view, version), version.id).trimEnd());
  } catch (error) {
    await lookMissed(looks, view.model, version.id, error);
  }
}

async function lookMissed(
  { client, tell, signal }: ScheduledLooks,
  model: string,
  version: string,
  error: unknown,
): Promise<void> {
  // Whoever ends the controller is no reason to worry.
  if (signal.aborted) return;
  await missed({
    what: `drift of ${model} ${version}: could not be looked for`,
    ...{ error, tell },
    keep: (because) => client.drift.miss(model, { version, because }),
  });
}
