// The files of the page: in every language, readable without a script, with nothing in them that was text and became more.
import assert from "node:assert/strict";
import { test } from "node:test";
import { LANGUAGES, statusFiles } from "@slipway/status";
import { AT_MS, OPEN, OVER, PAGE } from "./page-fixture.ts";

const files = statusFiles(PAGE);

function file(path: string): string {
  const text = files.get(path);
  assert.ok(text !== undefined, `no ${path} among ${[...files.keys()].join(" ")}`);
  return text;
}

test("every page is there in every language, and once for who does not say", () => {
  for (const folder of ["", ...LANGUAGES.map(({ tag }) => `${tag}/`)]) {
    for (const path of ["", "history/", `incidents/${OPEN.id}/`, `incidents/${OVER.id}/`]) {
      assert.match(file(`${folder}${path}index.html`), /^<!doctype html>\n<html lang="[a-z]{2}">/);
    }
  }
  assert.match(file("ko/index.html"), /<html lang="ko">[\s\S]*부분 장애/);
  assert.match(file("ja/index.html"), /一部障害/);
  assert.match(file("zh/index.html"), /部分中断/);
});

test("people's words are shown as they were written, and are never markup", () => {
  const html = file("index.html");
  assert.ok(html.includes("It is &lt;b&gt;the new model&lt;/b&gt; &amp; we take it back."));
  assert.doesNotMatch(html, /<b>/);
});

test("a sentence of Slipway's own is in the reader's language", () => {
  assert.match(file("index.html"), /We have noticed, and are finding out why\./);
  assert.match(file(`ko/incidents/${OPEN.id}/index.html`), /원인을 조사하고 있습니다/);
});

test("an estimate has its range and what it rests on; when it is exceeded the page says so instead", () => {
  const html = file("index.html");
  assert.match(html, /between 2026-01-15 09:10 UTC and 2026-01-15 09:20 UTC/);
  assert.match(html, /Early estimate: told from only 3 earlier recoveries/);
  assert.match(html, /Next update by 2026-01-15 09:39 UTC/);
  const estimate = OPEN.estimate === null ? null : { ...OPEN.estimate, isExceeded: true };
  const nextUpdate = { byMs: AT_MS, isOverdue: true };
  const late = statusFiles({ ...PAGE, incidents: [{ ...OPEN, estimate, nextUpdate }] });
  const text = late.get("index.html") ?? "";
  assert.match(
    text,
    /longer than we expected: we had thought it would be over by 2026-01-15 09:20/,
  );
  assert.doesNotMatch(text, /between 2026-01-15/);
  assert.match(text, /was due by 2026-01-15 09:00 UTC, and has not come yet/);
});

test("the cause is on an incident's page as far as it is told", () => {
  assert.match(
    file(`incidents/${OVER.id}/index.html`),
    /P99 latency 1 s is 2x stable&#39;s|P99 latency 1 s is 2x stable's/,
  );
  assert.match(file(`incidents/${OVER.id}/index.html`), /the cache was cold/);
  assert.doesNotMatch(file(`incidents/${OPEN.id}/index.html`), /Cause/);
});

test("an update has an address of its own, and links lead from every depth to the root", () => {
  const html = file(`incidents/${OPEN.id}/index.html`);
  assert.match(html, /<li id="update-r1-7-4">/);
  assert.match(html, /href="\.\.\/\.\.\/history\.rss"/);
  assert.match(
    file(`ja/incidents/${OPEN.id}/index.html`),
    /href="\.\.\/\.\.\/\.\.\/en\/incidents\/r1-7\/"/,
  );
});

test("feeds have an entry for every update, under ids that stay", () => {
  const atom = file("history.atom");
  for (const id of ["r1-7/#update-r1-7-4", "r1-7/#update-r1-7-3", "r0-3/#update-r0-3-5"]) {
    assert.ok(atom.includes(`<id>https://status.example.com/incidents/${id}</id>`), id);
    assert.ok(file("history.rss").includes(`https://status.example.com/incidents/${id}`), id);
  }
  const feed: { readonly items: readonly { readonly id: string }[] } = JSON.parse(
    file("feed.json"),
  );
  assert.equal(feed.items.length, 4);
  assert.equal(feed.items[0]?.id, "https://status.example.com/incidents/r1-7/#update-r1-7-4");
});

type FeedItem = Readonly<Record<"title" | "summary" | "content_html" | "url", string>>;

function itemsIn(text: string): readonly FeedItem[] {
  const feed: { readonly items: readonly FeedItem[] } = JSON.parse(text);
  return feed.items;
}

test("people's words are text in feeds too, and no character of theirs makes a feed unreadable", () => {
  const [open, ...others] = PAGE.incidents;
  assert.ok(open !== undefined);
  const [update, ...earlier] = open.updates;
  assert.ok(update !== undefined);
  const text = "<img src=x>\u0007 ]]> & more";
  const incidents = [{ ...open, title: "a < b", updates: [{ ...update, text }, ...earlier] }];
  const files = statusFiles({ ...PAGE, incidents: [...incidents, ...others] });
  for (const [name, title] of [
    ["history.rss", /Identified: a < b/],
    ["history.atom", /Identified: a &lt; b/],
  ] as const) {
    const feed = files.get(name) ?? "";
    assert.match(feed, title);
    assert.match(feed, /&lt;img src=x&gt; /);
    assert.doesNotMatch(feed, /<img|\p{Cc}(?<![\t\n\r])/u);
  }
  const [item] = itemsIn(files.get("feed.json") ?? "");
  assert.deepEqual(
    [item?.title, item?.summary, item?.content_html],
    ["Identified: a < b", text, "&lt;img src=x&gt; ]]&gt; &amp; more"],
  );
});

test("a feed's maintenance leads to where it is told of", () => {
  const found = itemsIn(file("feed.json")).find(({ title }) => /New disks/.test(title));
  assert.equal(found?.url, "https://status.example.com/#maintenance-1");
  assert.match(file("en/index.html"), /id="maintenance-1"/);
});

test("the badge says in words what it says in colour", () => {
  assert.match(file("badge.svg"), /aria-label="Partial outage"/);
  assert.match(file("badge-stale.svg"), /aria-label="Status unknown"/);
});

test("a page that has nothing to tell says so", () => {
  const quiet = statusFiles({
    ...PAGE,
    indicator: "none",
    incidents: [],
    maintenances: [],
    updatedAtMs: 0,
  });
  assert.match(
    quiet.get("index.html") ?? "",
    /All systems operational[\s\S]*No incidents have been reported\./,
  );
  assert.doesNotMatch([...quiet.values()].join("\n"), /1970/);
});
