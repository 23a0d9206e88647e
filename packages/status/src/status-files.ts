// The whole status page as files: what is served, and nothing else, is made here from what is public.

import type { StatusPage } from "@slipway/core";
import { badgeSvg } from "./badge.ts";
import { feedsOf } from "./feeds/feeds.ts";
import { FRESH_SCRIPT } from "./fresh-script.ts";
import { incidentPage, type Place } from "./html/incident-parts.ts";
import type { Markup } from "./html/markup.ts";
import { pageShell } from "./html/page-shell.ts";
import { historyHtml, statusHtml } from "./html/status-html.ts";
import { incidentTitle } from "./incident-text.ts";
import { statuspageFiles } from "./statuspage-json.ts";
import { EN } from "./strings/en.ts";
import { LANGUAGES } from "./strings/languages.ts";
import type { Strings } from "./strings/strings.ts";

/** The page as data: what its own server tells subscribers of. */
export const PAGE_FILE = "page.json";

/** Text by path from the root. Folders of languages come first, the pages that all readers begin at last. */
export function statusFiles(page: StatusPage): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const strings of LANGUAGES) addPages(files, page, strings, `${strings.tag}/`);
  for (const [name, value] of statuspageFiles(page)) {
    files.set(`api/v2/${name}.json`, `${JSON.stringify(value)}\n`);
  }
  const { rss, atom, json } = feedsOf(page);
  files.set("history.rss", rss);
  files.set("history.atom", atom);
  files.set("feed.json", json);
  files.set("badge.svg", badgeSvg(page.indicator, EN.overall[page.indicator]));
  files.set("badge-stale.svg", badgeSvg("unknown", "Status unknown"));
  files.set("fresh.js", FRESH_SCRIPT);
  addPages(files, page, EN, "");
  files.set(PAGE_FILE, `${JSON.stringify(page)}\n`);
  return files;
}

/** `folder`: of the files, from the root; "" for who does not say a language. */
function addPages(
  files: Map<string, string>,
  page: StatusPage,
  strings: Strings,
  folder: string,
): void {
  const add = (path: string, title: string, content: (place: Place) => Markup): void => {
    const depth = `${folder}${path}`.split("/").length - 1;
    const base = "../".repeat(depth);
    const shell = {
      ...{ page, strings, title, base },
      inLanguage: (tag: string) => `${tag}/${path}`,
      content: content({ page, strings, base }),
    };
    files.set(`${folder}${path}index.html`, pageShell(shell));
  };
  for (const incident of page.incidents) {
    const title = `${incidentTitle(incident, page, strings)} – ${page.title}`;
    add(`incidents/${incident.id}/`, title, (place) => incidentPage(incident, place));
  }
  add("history/", `${strings.history} – ${page.title}`, historyHtml);
  add("", `${page.title}: ${strings.overall[page.indicator]}`, statusHtml);
}
