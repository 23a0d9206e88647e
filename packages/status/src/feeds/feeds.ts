// RSS, Atom and JSON Feed: one entry for every update, under an id that never changes, so that who reads only what is new
// hears that it is over too.

import type { PageIncident, PageMaintenance, PageUpdate, StatusPage } from "@slipway/core";
import { Feed, type Item } from "feed";
import { incidentTitle, updateText } from "../incident-text.ts";
import { pageUrl } from "../page-url.ts";
import { EN } from "../strings/en.ts";

const ENTRIES_MAX = 100;

export type Feeds = { readonly rss: string; readonly atom: string; readonly json: string };

export function feedsOf(page: StatusPage): Feeds {
  const feed = new Feed({
    id: pageUrl(page, ""),
    title: page.title,
    link: pageUrl(page, ""),
    description: page.title,
    language: EN.tag,
    copyright: "",
    updated: new Date(page.updatedAtMs),
    feedLinks: {
      atom: pageUrl(page, "history.atom"),
      rss: pageUrl(page, "history.rss"),
      json: pageUrl(page, "feed.json"),
    },
  });
  const entries = [
    ...page.incidents.flatMap((incident) =>
      incident.updates.map((update) => entryOf(page, incident, update)),
    ),
    ...page.maintenances.map((maintenance) => maintenanceEntry(page, maintenance)),
  ];
  entries.sort((a, b) => b.date.getTime() - a.date.getTime());
  for (const entry of entries.slice(0, ENTRIES_MAX)) feed.addItem(entry);
  return { rss: feed.rss2(), atom: feed.atom1(), json: feed.json1() };
}

function entryOf(page: StatusPage, incident: PageIncident, update: PageUpdate): Item {
  const url = pageUrl(page, `incidents/${incident.id}/#update-${update.id}`);
  const text = updateText(update, EN);
  return {
    title: `${EN.status[update.status]}: ${incidentTitle(incident, page, EN)}`,
    id: url,
    guid: url,
    link: url,
    description: text,
    content: text,
    date: new Date(update.atMs),
    published: new Date(update.atMs),
    category: [{ name: update.status }, { name: incident.impact }],
  };
}

/** Its state is part of the id: announced, begun and ended are three entries of a reader's. */
function maintenanceEntry(page: StatusPage, maintenance: PageMaintenance): Item {
  const { id, title, text, status, fromMs, untilMs, updatedAtMs } = maintenance;
  const url = pageUrl(page, `history/#${id}-${status}`);
  const times = `${new Date(fromMs).toISOString()} – ${new Date(untilMs).toISOString()}`;
  const said = text === "" ? times : `${times}\n${text}`;
  return {
    title: `${EN.maintenance[status]}: ${title}`,
    id: url,
    guid: url,
    link: url,
    description: said,
    content: said,
    date: new Date(updatedAtMs),
    published: new Date(updatedAtMs),
    category: [{ name: "maintenance" }, { name: status }],
  };
}
