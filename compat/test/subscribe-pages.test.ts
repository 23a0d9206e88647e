// The pages on which readers subscribe, in a browser: axe-core finds nothing at any width in any light, and a reader without
// scripts subscribes, confirms and leaves. SLIPWAY_PICTURES=FOLDER keeps pictures of them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { PAGE } from "../../packages/status/test/page-fixture.ts";
import { type Reader, withReader } from "../../packages/status/test/reader.ts";
import { assertFit, inBrowser, NO_BROWSER } from "./in-browser.ts";

const SUBSCRIBE = "/en/subscribe/";
const CONTENT = { ...PAGE, url: "https://status.example.com" };

/** Links to a subscription that waits for its reader, and to one that is confirmed. */
async function linksOf(reader: Reader): Promise<readonly [asked: string, confirmed: string]> {
  const confirmed = await reader.subscribed("bob@example.com");
  await reader.asks("email", "ann@example.com");
  return [reader.link(), confirmed];
}

test("axe finds nothing on the pages to subscribe, to confirm and to leave", {
  skip: NO_BROWSER,
}, async () => {
  await withReader(async (reader) => {
    const links = await linksOf(reader);
    const paths = [SUBSCRIBE, "/ko/subscribe/", ...links];
    await inBrowser((browser) =>
      assertFit(
        browser,
        paths.map((path) => `${reader.url}${path}`),
        process.env["SLIPWAY_PICTURES"],
      ),
    );
  }, CONTENT);
});

test("without scripts a reader subscribes by mail, confirms by the link, and leaves by it", {
  skip: NO_BROWSER,
}, async () => {
  await withReader(async (reader) => {
    await inBrowser(async (browser) => {
      const context = await browser.newContext({ javaScriptEnabled: false });
      const page = await context.newPage();
      const status = (): Promise<string> => page.getByRole("status").last().innerText();
      await page.goto(`${reader.url}/en/`);
      await page.getByRole("link", { name: "E-mail or webhook" }).click();
      await page.getByLabel("Address").fill("no address");
      await page.getByRole("button").click();
      assert.notEqual(await page.getByRole("alert").innerText(), "");
      await page.getByLabel("Address").fill("ann@example.com");
      await page.getByLabel("Chat").check();
      await page.getByRole("button").click();
      assert.match(await status(), /link/);
      await reader.look();
      await page.goto(`${reader.url}${reader.link()}`);
      assert.match(await page.locator("main").innerText(), /ann@example\.com/);
      await page.getByRole("button").click();
      const confirmed = await status();
      await page.goto(`${reader.url}${reader.link()}`);
      await page.getByRole("button").click();
      assert.notEqual(await status(), confirmed);
      await page.goto(`${reader.url}${reader.link()}`);
      assert.equal(await page.getByRole("button").count(), 0, "the link leads nowhere any more");
    });
  }, CONTENT);
});

test("a page on which nothing was ever published names no day", async () => {
  await withReader(async (reader) => {
    await reader.shows({ ...CONTENT, incidents: [], maintenances: [], updatedAtMs: 0 });
    for (const path of ["/en/", SUBSCRIBE]) {
      assert.doesNotMatch((await reader.fetch(path)).text, /1970/, path);
    }
  });
});
