// The feeds keep what their specifications require, whatever people wrote; and the rules find what is left out.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { StatusPage } from "@slipway/core";
import { statusFiles } from "@slipway/status";
import fc from "fast-check";
import { brokenInAtom, brokenInJsonFeed, brokenInRss } from "./feed-rules.ts";
import { OPEN, PAGE } from "./page-fixture.ts";

function feedsOf(page: StatusPage): {
  readonly rss: string;
  readonly atom: string;
  readonly json: string;
} {
  const files = statusFiles(page);
  const text = (name: string): string => files.get(name) ?? assert.fail(`no ${name}`);
  return { rss: text("history.rss"), atom: text("history.atom"), json: text("feed.json") };
}

function brokenIn(page: StatusPage): readonly string[] {
  const { rss, atom, json } = feedsOf(page);
  return [...brokenInRss(rss), ...brokenInAtom(atom), ...brokenInJsonFeed(json)];
}

test("every feed has what its specification requires, and nothing that it does not know", () => {
  assert.deepEqual(brokenIn(PAGE), []);
  assert.deepEqual(brokenIn({ ...PAGE, incidents: [], maintenances: [] }), []);
});

test("no word of anybody makes a feed break its specification", () => {
  const word = fc.string({ unit: "binary", minLength: 1, maxLength: 60 });
  const nasty = fc.oneof(
    word,
    fc.constantFrom("]]>", "<![CDATA[", "&amp;", "&#0;", "\u0000", "\uFFFF", "\uD800"),
  );
  fc.assert(
    fc.property(nasty, nasty, (title, text) => {
      const [update, ...earlier] = OPEN.updates;
      assert.ok(update !== undefined);
      const incident = {
        ...OPEN,
        title: `${title}.`,
        updates: [{ ...update, text: `${text}.` }, ...earlier],
      };
      assert.deepEqual(brokenIn({ ...PAGE, incidents: [incident] }), []);
    }),
    { numRuns: 25 },
  );
});

test("titles of RSS are the words that were written, and none of them is a tag", () => {
  const title = 'P99 < 1 s & "slow" <b>again</b> &amp;';
  const { rss } = feedsOf({ ...PAGE, incidents: [{ ...OPEN, title }] });
  assert.ok(rss.includes('P99 < 1 s & "slow" &lt;b>again&lt;/b> &amp;amp;]]></title>'), rss);
  const ending = { ...PAGE, incidents: [{ ...OPEN, title: "]]><script>" }] };
  assert.deepEqual(brokenInRss(feedsOf(ending).rss), []);
});

test("what is left out of a feed is found", () => {
  const { rss, atom, json } = feedsOf(PAGE);
  const without = (text: string, what: RegExp): string => {
    assert.match(text, what);
    return text.replace(what, "");
  };
  assert.deepEqual(brokenInAtom(without(atom, /<author>[\s\S]*?<\/author>/)), [
    "neither the feed nor each entry has an author",
  ]);
  assert.deepEqual(brokenInAtom(without(atom, / term="identified"/)), [
    "entry: a category without term",
  ]);
  assert.deepEqual(brokenInAtom(without(atom, /<updated>[^<]*<\/updated>/)), [
    "feed: 0 of updated",
    "feed: updated",
  ]);
  assert.deepEqual(brokenInRss(without(rss, /<description>[^<]*<\/description>/)), [
    "channel: 0 of description",
  ]);
  assert.ok(brokenInRss(without(rss, / xmlns:content="[^"]*"/)).length > 0);
  assert.ok(brokenInRss(without(rss, /<guid[^<]*<\/guid>/)).length > 0);
  assert.throws(() => brokenInRss(without(rss, /<\/item>/)));
  assert.deepEqual(brokenInJsonFeed(without(json, /"title": "[^"]*",/)), ["title"]);
});
