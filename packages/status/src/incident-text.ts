// What pages, feeds and JSON call an incident and its updates: people's words where there are some, else Slipway's own
// in the reader's language.

import type { PageIncident, PageUpdate, StatusPage } from "@slipway/core";
import type { Strings } from "./strings/strings.ts";

export function incidentTitle(incident: PageIncident, page: StatusPage, strings: Strings): string {
  if (incident.title !== null) return incident.title;
  const names = namesOf(incident.components, page);
  return strings.incidentTitle(
    (names.length === 0 ? [page.title] : names).join(strings.listSeparator),
  );
}

export function updateText({ text, status }: PageUpdate, strings: Strings): string {
  return text ?? strings.sentence[status];
}

/** A component that there is no more keeps its id. */
export function namesOf(ids: readonly string[], { components }: StatusPage): readonly string[] {
  return ids.map((id) => components.find((component) => component.id === id)?.name ?? id);
}
