// The page as it is served: by folder alone, with tags that save a second reading, in the reader's language, and with the
// word that it is stale where nothing has come from the controller for too long.
import assert from "node:assert/strict";
import { readdirSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { createPublisher, putNotice } from "@slipway/status/edge";
import { AT_MS, PAGE } from "./page-fixture.ts";
import { type ServedPage, servedPage } from "./served-page.ts";

let served: ServedPage;

before(async () => {
  served = await servedPage();
});

after(async () => {
  await served.close();
});

async function got(path: string, headers: Record<string, string> = {}): Promise<Response> {
  return await fetch(`${served.url}${path}`, { headers, redirect: "manual" });
}

test("the page is served in the language that the reader asks for, or by its path", async () => {
  const korean = await got("/", { "accept-language": "ko-KR,ko;q=0.9,en;q=0.8" });
  assert.match(await korean.text(), /<html lang="ko">/);
  assert.equal(korean.headers.get("vary"), "accept-language");
  const other = await got("/", { "accept-language": "fr, de;q=0.5" });
  assert.match(await other.text(), /<html lang="en">/);
  assert.match(await (await got("/zh/", { "accept-language": "ko" })).text(), /<html lang="zh">/);
  assert.match(
    await (await got("/incidents/r1-7/", { "accept-language": "ja" })).text(),
    /lang="ja"/,
  );
});

test("an address without its slash leads to the one with it", async () => {
  const { status, headers } = await got("/incidents/r1-7");
  assert.deepEqual([status, headers.get("location")], [308, "./r1-7/"]);
});

test("who has it already gets 304, and everybody may keep it for a minute", async () => {
  const first = await got("/api/v2/summary.json");
  assert.equal(first.headers.get("cache-control"), "public, max-age=60");
  assert.equal(first.headers.get("access-control-allow-origin"), "*");
  const etag = first.headers.get("etag") ?? "";
  assert.equal((await got("/api/v2/summary.json", { "if-none-match": etag })).status, 304);
  assert.equal((await got("/api/v2/summary.json", { "if-none-match": `W/${etag}` })).status, 304);
  assert.equal((await got("/api/v2/summary.json", { "if-none-match": '"x"' })).status, 200);
});

test("a page that nobody has renewed says that it is stale, everywhere", async () => {
  const etag = (await got("/en/")).headers.get("etag");
  assert.match(await (await got("/en/")).text(), /id="stale" hidden/);
  assert.equal((await got("/health")).status, 200);
  served.nowMs = AT_MS + 181_000;
  const html = await (await got("/en/")).text();
  assert.match(html, /id="stale" role="status"><p>This page may be out of date/);
  assert.match(html, /Last heard from them: 2026-01-15 09:00 UTC/);
  const health = await got("/health");
  assert.deepEqual(
    [health.status, (await health.text()).trim()],
    [503, '{"status":"stale","ageMs":181000}'],
  );
  const summary: { readonly page: unknown } = JSON.parse(
    await (await got("/api/v2/summary.json")).text(),
  );
  assert.deepEqual((summary.page as { slipway: unknown }).slipway, { stale: true });
  assert.match(await (await got("/badge.svg")).text(), /Status unknown/);
  assert.notEqual((await got("/en/")).headers.get("etag"), etag);
  served.nowMs = AT_MS;
});

test("a stamp that is damaged counts as none", async () => {
  writeFileSync(join(served.dir, "freshness.json"), "{");
  assert.equal((await got("/health")).status, 503);
  assert.match(await (await got("/")).text(), /id="stale" role="status"/);
  await createPublisher(served.dir)(PAGE, AT_MS);
  assert.equal((await got("/health")).status, 200);
});

test("a notice by hand is on every page, as text, until it is taken away", async () => {
  putNotice(served.dir, "Call <us> at $& 555");
  assert.match(
    await (await got("/ko/")).text(),
    /role="status"><p><strong>공지<\/strong> Call &lt;us&gt; at \$&amp; 555/,
  );
  putNotice(served.dir, null);
  assert.match(await (await got("/ko/")).text(), /id="notice" hidden/);
});

test("nothing outside the page is served", async () => {
  for (const path of [
    "/.notice",
    "/..%2f..%2fetc/passwd",
    "/en/../.notice",
    "/api",
    "/nowhere",
    "//etc",
  ]) {
    assert.equal((await got(path)).status, 404, path);
  }
  // As no client of the standard library would send it.
  const raw = await new Promise<number>((resolve, reject) => {
    request(`${served.url}`, { path: "/../../etc/passwd" }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on("error", reject)
      .end();
  });
  assert.equal(raw, 404);
  assert.equal((await fetch(served.url, { method: "POST" })).status, 405);
  assert.equal((await fetch(served.url, { method: "HEAD" })).status, 200);
});

test("a long path that is none is answered as fast as any", async () => {
  const path = `/${"a".repeat(250)}!`;
  assert.equal((await got(path)).status, 404);
  assert.equal((await got(`/${"a/".repeat(140)}`)).status, 404);
  assert.equal((await got(`/${"a".repeat(400)}`)).status, 404);
});

test("publishing leaves whole files, and no others", () => {
  const left = readdirSync(served.dir, { recursive: true, encoding: "utf8" });
  assert.deepEqual(
    left.filter((name) => name.endsWith(".new")),
    [],
  );
});
