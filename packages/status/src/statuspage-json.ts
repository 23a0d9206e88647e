// The page as Statuspage's public API (version 2) has it, which clients of status pages already read. What that has no
// place for (estimate, next update, the clock of the first post) is under `slipway`, and clients ignore it.

import {
  lastSaidMs,
  type PageIncident,
  type PageMaintenance,
  type PageUpdate,
  type StatusPage,
} from "@slipway/core";
import { isoText } from "./html/moment.ts";
import { incidentTitle, namesOf, updateText } from "./incident-text.ts";
import { pageUrl } from "./page-url.ts";
import { EN } from "./strings/en.ts";

/** By file, from the root of the page. */
export function statuspageFiles(page: StatusPage): ReadonlyMap<string, unknown> {
  const about = aboutPage(page);
  const status = { indicator: page.indicator, description: EN.overall[page.indicator] };
  const components = page.components.map((_, index) => componentOf(page, index));
  const incidents = page.incidents.map((incident) => incidentJson(page, incident));
  const unresolved = incidents.filter(({ status: now }) => now !== "resolved");
  const all = page.maintenances
    .filter(({ status: now }) => now !== "cancelled")
    .map((maintenance) => maintenanceJson(page, maintenance));
  const upcoming = all.filter(({ status: now }) => now === "scheduled");
  const active = all.filter(({ status: now }) => now === "in_progress");
  const both = [...upcoming, ...active];
  const with_ = (rest: object): object => ({ page: about, ...rest });
  return new Map<string, unknown>([
    ["status", with_({ status })],
    ["components", with_({ components })],
    ["incidents", with_({ incidents })],
    ["incidents/unresolved", with_({ incidents: unresolved })],
    ["scheduled-maintenances", with_({ scheduled_maintenances: all })],
    ["scheduled-maintenances/upcoming", with_({ scheduled_maintenances: upcoming })],
    ["scheduled-maintenances/active", with_({ scheduled_maintenances: active })],
    ["summary", with_({ components, incidents: unresolved, scheduled_maintenances: both, status })],
  ]);
}

/** There is one page: its id never changes. */
const PAGE_ID = "slipway";

function aboutPage(page: StatusPage): object {
  return {
    id: PAGE_ID,
    name: page.title,
    url: pageUrl(page, ""),
    time_zone: "Etc/UTC",
    updated_at: isoText(lastSaidMs(page)),
    // The server says true where nothing has come from the controller for too long.
    slipway: { stale: false },
  };
}

function componentOf(page: StatusPage, index: number): object {
  const component = page.components[index];
  if (component === undefined) throw new RangeError(`no component ${index}`);
  const { id, name, description, status } = component;
  const changed = page.incidents.find(({ components }) => components.includes(id))?.updatedAtMs;
  return {
    id,
    name,
    status,
    created_at: isoText(page.sinceMs),
    updated_at: isoText(changed ?? lastSaidMs(page)),
    position: index + 1,
    description: description === "" ? null : description,
    showcase: false,
    start_date: null,
    group_id: null,
    page_id: PAGE_ID,
    group: false,
    only_show_if_degraded: false,
  };
}

export type IncidentJson = { readonly status: string };

export function incidentJson(page: StatusPage, incident: PageIncident): IncidentJson {
  const { estimate, nextUpdate } = incident;
  return {
    id: incident.id,
    name: incidentTitle(incident, page, EN),
    status: incident.status,
    created_at: isoText(incident.firstPublishedAtMs),
    updated_at: isoText(incident.updatedAtMs),
    monitoring_at: isoOrNull(incident.monitoringAtMs),
    resolved_at: isoOrNull(incident.resolvedAtMs),
    impact: incident.impact,
    shortlink: pageUrl(page, `incidents/${incident.id}/`),
    started_at: isoText(incident.startedAtMs),
    page_id: PAGE_ID,
    incident_updates: incident.updates.map((update) => updateOf(page, incident.id, update)),
    components: componentsIn(page, incident.components),
    reminder_intervals: null,
    slipway: {
      detected_at: isoText(incident.detectedAtMs),
      first_published_at: isoText(incident.firstPublishedAtMs),
      publish_deadline_at: isoText(incident.publishDeadlineAtMs),
      next_update_by: isoOrNull(nextUpdate?.byMs ?? null),
      next_update_overdue: nextUpdate?.isOverdue ?? false,
      eta:
        estimate === null
          ? null
          : {
              low: isoText(estimate.lowMs),
              high: isoText(estimate.highMs),
              basis: estimate.basis,
              n_samples: estimate.samples,
              early: estimate.isEarly,
              exceeded: estimate.isExceeded,
            },
    },
  } as IncidentJson;
}

function updateOf(page: StatusPage, incidentId: string, update: PageUpdate): object {
  const at = isoText(update.atMs);
  return {
    id: update.id,
    status: update.status,
    body: updateText(update, EN),
    incident_id: incidentId,
    created_at: at,
    updated_at: at,
    display_at: at,
    affected_components: update.components.map(({ id, before, status }) => ({
      code: id,
      name: namesOf([id], page)[0],
      old_status: before,
      new_status: status,
    })),
    deliver_notifications: true,
    custom_tweet: null,
    tweet_id: null,
  };
}

function componentsIn(page: StatusPage, ids: readonly string[]): readonly object[] {
  return page.components.flatMap(({ id }, index) =>
    ids.includes(id) ? [componentOf(page, index)] : [],
  );
}

export function maintenanceJson(page: StatusPage, maintenance: PageMaintenance): IncidentJson {
  const { id, title, text, status, fromMs, untilMs, announcedAtMs, updatedAtMs } = maintenance;
  const updatedAt = isoText(updatedAtMs);
  return {
    id,
    name: title,
    status,
    created_at: isoText(announcedAtMs),
    updated_at: updatedAt,
    monitoring_at: null,
    resolved_at: status === "completed" ? updatedAt : null,
    impact: "maintenance",
    shortlink: pageUrl(page, `#${id}`),
    started_at: isoText(fromMs),
    page_id: PAGE_ID,
    incident_updates: [
      {
        id: `${id}-${status}`,
        status,
        body: text,
        incident_id: id,
        created_at: updatedAt,
        updated_at: updatedAt,
        display_at: updatedAt,
        affected_components: null,
        deliver_notifications: true,
        custom_tweet: null,
        tweet_id: null,
      },
    ],
    components: componentsIn(page, maintenance.components),
    reminder_intervals: null,
    scheduled_for: isoText(fromMs),
    scheduled_until: isoText(untilMs),
  } as IncidentJson;
}

function isoOrNull(ms: number | null): string | null {
  return ms === null ? null : isoText(ms);
}
