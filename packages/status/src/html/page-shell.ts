// What every page of the status page has around its content: head, skip link, the places of a notice and of the word that
// it is stale, and the foot. The server fills those two places; files on another server show them by a small script.

import type { StatusPage } from "@slipway/core";
import { LANGUAGES } from "../strings/languages.ts";
import type { Strings } from "../strings/strings.ts";
import { element, escaped, type Markup, together } from "./markup.ts";
import { moment } from "./moment.ts";
import { STYLE } from "./style.ts";

/** Beyond this age of the last word from the controller a page calls itself stale. */
export const STALE_AFTER_MS = 180_000;

/** Where the server puts what it knows and the file cannot: each stands in every page once. */
export const STALE_PLACE = '<div class="stale" id="stale" hidden role="status">';
export const SINCE_PLACE = '<span id="since"></span>';
export const NOTICE_PLACE = '<div class="notice" id="notice" hidden role="status">';
export const NOTICE_TEXT_PLACE = '<span id="notice-text"></span>';

/** Only the page's own server can take subscriptions: it shows the way to them. */
export const SUBSCRIBE_PLACE = '<li id="subscribe" hidden>';

export type Shell = {
  readonly page: StatusPage;
  readonly strings: Strings;
  readonly title: string;
  /** From this file to the root of the page: "", "../", … */
  readonly base: string;
  /** The file of this page in a language, from the root: for the links to the others. */
  readonly inLanguage: (tag: string) => string;
  readonly content: Markup;
};

export function pageShell(shell: Shell): string {
  const { page, strings, title, base, content } = shell;
  const main = element("main", { class: "frame", id: "content" }, content);
  return `<!doctype html>
<html lang="${strings.tag}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
${LANGUAGES.map(({ tag }) => `<link rel="alternate" hreflang="${tag}" href="${base}${shell.inLanguage(tag)}">`).join("\n")}
<link rel="alternate" type="application/rss+xml" title="RSS" href="${base}history.rss">
<link rel="alternate" type="application/atom+xml" title="Atom" href="${base}history.atom">
<link rel="alternate" type="application/feed+json" title="JSON Feed" href="${base}feed.json">
<style>${STYLE}</style>
<script src="${base}fresh.js" defer data-base="${base}" data-stale-after-ms="${STALE_AFTER_MS}"></script>
</head>
<body>
<a class="skip" href="#content">${escaped(strings.skip)}</a>
<header class="frame">
<h1>${element("a", { href: `${base}${strings.tag}/` }, page.title).html}</h1>
${lastChanged(shell).html}
</header>
<div class="frame">
${STALE_PLACE}<p>${escaped(strings.stale)}</p><p>${escaped(strings.staleSince)} ${SINCE_PLACE}</p></div>
${NOTICE_PLACE}<p><strong>${escaped(strings.notice)}</strong> ${NOTICE_TEXT_PLACE}</p></div>
</div>
${main.html}
${foot(shell).html}
</body>
</html>
`;
}

/** Nothing where nothing was ever published. */
function lastChanged({ page, strings }: Shell): Markup {
  if (page.updatedAtMs === 0) return together();
  return element("p", { class: "quiet" }, `${strings.lastChanged}: `, moment(page.updatedAtMs));
}

function foot({ page, strings, base, inLanguage }: Shell): Markup {
  const feeds = [
    ["RSS", "history.rss"],
    ["Atom", "history.atom"],
    ["JSON Feed", "feed.json"],
    ["API", "api/v2/summary.json"],
  ] as const;
  const contact =
    page.contact === null
      ? []
      : [element("h2", {}, strings.contact), element("p", {}, contactLink(page.contact))];
  return element(
    "footer",
    {},
    element(
      "div",
      { class: "frame" },
      element("h2", {}, strings.subscribe),
      element(
        "ul",
        {},
        {
          html: `${SUBSCRIBE_PLACE}${element("a", { href: `${base}${strings.tag}/subscribe/` }, strings.subscription.follow).html}</li>`,
        },
        ...feeds.map(([name, file]) =>
          element("li", {}, element("a", { href: `${base}${file}` }, name)),
        ),
      ),
      element("h2", {}, strings.languages),
      listOf(
        LANGUAGES.map(({ tag, name }) =>
          element("a", { href: `${base}${inLanguage(tag)}`, hreflang: tag, lang: tag }, name),
        ),
      ),
      ...contact,
    ),
  );
}

function listOf(items: readonly Markup[]): Markup {
  return element("ul", {}, ...items.map((item) => element("li", {}, item)));
}

/** An address or a link can be followed; anything else is text. */
function contactLink(contact: string): Markup {
  if (/^https?:\/\//.test(contact)) return element("a", { href: contact }, contact);
  if (/^[^\s@]+@[^\s@]+$/.test(contact)) {
    return element("a", { href: `mailto:${contact}` }, contact);
  }
  return together(element("span", {}, contact));
}
