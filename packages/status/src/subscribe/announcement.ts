// What subscribers are told: every update of an incident, and maintenance as it is announced, begins and ends. Its id is the
// one that feeds have, and never changes.

import type { PageIncident, PageMaintenance, PageUpdate, StatusPage } from "@slipway/core";

export type Announcement = {
  readonly id: string;
  readonly atMs: number;
  /** Ids of components; empty for all. */
  readonly components: readonly string[];
  readonly what:
    | { readonly kind: "incident"; readonly incident: PageIncident; readonly update: PageUpdate }
    | { readonly kind: "maintenance"; readonly maintenance: PageMaintenance };
};

/** The oldest first. */
export function announcementsIn({ incidents, maintenances }: StatusPage): readonly Announcement[] {
  return [
    ...incidents.flatMap((incident) =>
      incident.updates.map((update) => ofIncident(incident, update)),
    ),
    ...maintenances.map(ofMaintenance),
  ].sort((a, b) => a.atMs - b.atMs || (a.id < b.id ? -1 : 1));
}

function ofIncident(incident: PageIncident, update: PageUpdate): Announcement {
  const { id, atMs } = update;
  return {
    id,
    atMs,
    components: incident.components,
    what: { kind: "incident", incident, update },
  };
}

function ofMaintenance(maintenance: PageMaintenance): Announcement {
  const { id, status, updatedAtMs: atMs, components } = maintenance;
  return { id: `${id}-${status}`, atMs, components, what: { kind: "maintenance", maintenance } };
}

/** What a message about it needs of the page. */
export function withoutHistory(page: StatusPage): StatusPage {
  return { ...page, incidents: [], maintenances: [] };
}
