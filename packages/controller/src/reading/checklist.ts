// What a model's lessons have caught, and how its rollouts did on the whole: from the journals of the newest ones.

import {
  type Checklist,
  checklistOf,
  type Dora,
  doraOf,
  isFinished,
  type Lesson,
  type LookedThrough,
  type RolloutChange,
} from "@slipway/core";
import { rolloutOf } from "../journal/replay.ts";
import type { StoreReader } from "../store/store.ts";
import { incidentsWithin, recordedOf } from "./incidents.ts";

export type ChecklistAsk = { readonly model: string; readonly lessons: readonly Lesson[] };
/** Of this model alone; null for all. */
export type DoraAsk = { readonly model: string | null };

/** The newest rollouts are looked through. */
const ROLLOUTS_MAX = 200;

export async function checklist(
  reader: StoreReader,
  { model, lessons }: ChecklistAsk,
): Promise<Checklist> {
  const rollouts: LookedThrough[] = [];
  for (const { id } of await reader.rollouts(model, ROLLOUTS_MAX)) {
    const recorded = await recordedOf(reader, id);
    if (recorded !== null) rollouts.push({ rolloutId: id, entries: recorded.entries });
  }
  return checklistOf(model, lessons, rollouts);
}

export async function dora(reader: StoreReader, { model }: DoraAsk): Promise<Dora> {
  const changes: RolloutChange[] = [];
  for (const { id, startedAtMs } of await reader.rollouts(model, ROLLOUTS_MAX)) {
    const recorded = await recordedOf(reader, id);
    const rollout = await rolloutOf(reader, id);
    if (recorded === null || rollout === null) continue;
    // A way back is how a change failed, and no change of its own; a drill is none either.
    if (rollout.controls.isReturn || rollout.drill === true) continue;
    const { entries } = recorded;
    changes.push({
      startedAtMs,
      endedAtMs: isFinished(rollout.phase) ? (entries.at(-1)?.event.atMs ?? startedAtMs) : null,
      hadUsers: entries.some(
        ({ event }) => event.type === "moved" && event.move.kind === "advance",
      ),
      incidents: await incidentsWithin(reader, recorded),
    });
  }
  return doraOf(changes);
}
