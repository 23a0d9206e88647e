// What people say of an incident: recorded beside its journal, after what it is was recorded; and all that was said, as
// they are shown it.

import {
  curatedTimeline,
  draftOf,
  type Incident,
  openedAct,
  postsIn,
  publicationOf,
  type Surroundings,
} from "@slipway/core";
import type { IncidentActRequest, IncidentRemarksView } from "@slipway/wire";
import type { ControllerPorts } from "../ports.ts";
import { knownOf } from "../reading/recent-incidents.ts";
import type { Keeper } from "../world/keeper.ts";
import { actsOf, appendRemarks, remarkOf, type Said } from "./incident-remarks.ts";

export type Acting = {
  readonly incident: Incident;
  readonly request: IncidentActRequest;
  readonly around: () => Surroundings;
};

export async function recordAct(
  keeper: Keeper,
  { store, digest }: ControllerPorts,
  { incident, request, around }: Acting,
): Promise<void> {
  const known = knownOf(incident);
  await keeper.lane.run(async () => {
    const stored = await store.remarks(incident.id);
    const now = around();
    const remarks = stored.map(remarkOf);
    const entries = curatedTimeline(incident.timeline, remarks).flatMap(({ entry }) => entry ?? []);
    const { by, reason } = request;
    const last = postsIn(remarks).at(-1) ?? null;
    const acts = actsOf(request, known, now, { entries: new Set(entries), last });
    const said: readonly Said[] = [
      // Slipway may not have come to it yet, or have left it to people.
      ...(remarks.length > 0 ? [] : [{ by: null, reason: "", act: openedAct(known) }]),
      ...acts.map((act) => ({ by, reason, act })),
    ];
    const recording = { incidentId: incident.id, stored, nowMs: now.nowMs, said };
    await keeper.commit((draft) => appendRemarks(draft, recording, digest));
  });
}

export async function remarksView(
  incident: Incident,
  { store }: Pick<ControllerPorts, "store">,
  around: Surroundings,
): Promise<IncidentRemarksView> {
  const known = knownOf(incident);
  const remarks = (await store.remarks(incident.id)).map(remarkOf);
  return {
    id: incident.id,
    publication: publicationOf(known, remarks, around),
    draft: draftOf(known, around),
    remarks,
  };
}
