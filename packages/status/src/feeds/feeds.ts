// RSS, Atom and JSON Feed: one entry for every update, under an id that never changes, so that who reads only what is new
// hears that it is over too.

import {
  lastSaidMs,
  type PageIncident,
  type PageMaintenance,
  type PageUpdate,
  type StatusPage,
} from "@slipway/core";
import { Feed, type Item } from "feed";
import { escaped } from "../html/markup.ts";
import { incidentTitle, updateText } from "../incident-text.ts";
import { pageUrl } from "../page-url.ts";
import { EN } from "../strings/en.ts";

const ENTRIES_MAX = 100;

export type Feeds = { readonly rss: string; readonly atom: string; readonly json: string };

export function feedsOf(page: StatusPage): Feeds {
  // RSS and Atom hold markup, JSON Feed plain text but for its content: people's words are text in all of them.
  const markup: Written = (text) => escaped(withoutControls(text));
  return {
    rss: feedOf(page, { title: rssTitle, text: markup }).rss2(),
    atom: feedOf(page, { title: markup, text: markup }).atom1(),
    json: feedOf(page, { title: asItIs, text: asItIs }).json1(),
  };
}

type Written = (text: string) => string;
type Writing = { readonly title: Written; readonly text: Written };

const asItIs: Written = (text) => text;

/** RSS does not say whether a title is text or markup: what reads alike as both stays as it is, and no word becomes a tag. */
const rssTitle: Written = (text) =>
  withoutControls(text)
    .replace(/&(?=#|\p{L})/gu, "&amp;")
    .replace(/<(?=[\p{L}/!?])/gu, "&lt;");

/** XML has no way to write them, and a feed with one of them cannot be read at all. */
function withoutControls(text: string): string {
  return text.replace(/[^\P{Cc}\t\n\r]|\p{Cs}|[\uFFFE\uFFFF]/gu, "");
}

function feedOf(page: StatusPage, written: Writing): Feed {
  const feed = new Feed({
    id: pageUrl(page, ""),
    title: withoutControls(page.title),
    link: pageUrl(page, ""),
    description: withoutControls(page.title),
    language: EN.tag,
    copyright: "",
    // Atom asks for one: whoever keeps the page.
    author: { name: withoutControls(page.title) },
    updated: new Date(lastSaidMs(page)),
    feedLinks: {
      atom: pageUrl(page, "history.atom"),
      rss: pageUrl(page, "history.rss"),
      json: pageUrl(page, "feed.json"),
    },
  });
  const entries = [
    ...page.incidents.flatMap((incident) =>
      incident.updates.map((update) => entryOf(page, incident, update, written)),
    ),
    ...page.maintenances.map((maintenance) => maintenanceEntry(page, maintenance, written)),
  ];
  entries.sort((a, b) => b.date.getTime() - a.date.getTime());
  for (const entry of entries.slice(0, ENTRIES_MAX)) feed.addItem(entry);
  return feed;
}

function entryOf(
  page: StatusPage,
  incident: PageIncident,
  update: PageUpdate,
  written: Writing,
): Item {
  const url = pageUrl(page, `incidents/${incident.id}/#update-${update.id}`);
  const text = updateText(update, EN);
  return {
    title: written.title(`${EN.status[update.status]}: ${incidentTitle(incident, page, EN)}`),
    id: url,
    guid: url,
    link: url,
    description: written.text(text),
    content: escaped(withoutControls(text)),
    date: new Date(update.atMs),
    published: new Date(update.atMs),
    category: [categoryOf(update.status), categoryOf(incident.impact)],
  };
}

/** Its state is part of the id: announced, begun and ended are three entries of a reader's. */
function maintenanceEntry(page: StatusPage, maintenance: PageMaintenance, written: Writing): Item {
  const { id, title, text, status, fromMs, untilMs, updatedAtMs } = maintenance;
  const url = pageUrl(page, `history/#${id}-${status}`);
  const isAhead = status === "scheduled" || status === "in_progress";
  const times = `${new Date(fromMs).toISOString()} – ${new Date(untilMs).toISOString()}`;
  const said = text === "" ? times : `${times}\n${text}`;
  return {
    title: written.title(`${EN.maintenance[status]}: ${title}`),
    id: url,
    guid: url,
    link: pageUrl(page, isAhead ? `#${id}` : `history/#${id}`),
    description: written.text(said),
    content: escaped(withoutControls(said)),
    date: new Date(updatedAtMs),
    published: new Date(updatedAtMs),
    category: [categoryOf("maintenance"), categoryOf(status)],
  };
}

/** RSS and JSON Feed take the name, and Atom needs the term. */
function categoryOf(name: string): { readonly name: string; readonly term: string } {
  return { name, term: name };
}
