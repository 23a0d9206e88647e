// The status page before those who read it: a client of Statuspage's API from npm, and a browser with axe-core, at the
// width of a telephone and of a desk, by light and by dark, with scripts and without.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { type Browser, chromium } from "playwright-core";
import { Statuspage } from "statuspage.io";
import { AT_MS, OPEN, OVER } from "../../packages/status/test/page-fixture.ts";
import { type ServedPage, servedPage } from "../../packages/status/test/served-page.ts";

const CHROMIUM = "/usr/bin/chromium";
const NO_BROWSER = existsSync(CHROMIUM) ? false : `there is no browser at ${CHROMIUM}`;
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const PATHS = [
  "/en/",
  "/ko/",
  `/ja/incidents/${OPEN.id}/`,
  `/en/incidents/${OVER.id}/`,
  "/zh/history/",
];

let served: ServedPage;

before(async () => {
  served = await servedPage();
});

after(async () => {
  await served.close();
});

test("a client of Statuspage reads components, incidents and maintenance", async () => {
  const { api } = clientOf(served.url);
  assert.equal((await api.getStatus()).status.indicator, "major");
  const { components } = await api.getComponents();
  assert.deepEqual(
    components.map(({ name, status: now }) => [name, now]),
    [
      ["Code completion", "partial_outage"],
      ["Chat", "operational"],
    ],
  );
  // Its type says that there is no such thing as a summary.
  const summary: object = await api.getSummary();
  assert.deepEqual(Object.keys(summary), [
    ...["page", "components", "incidents", "scheduled_maintenances", "status"],
  ]);
  const all = await api.incidents.getAll();
  assert.deepEqual(
    all.incidents.map(({ id, status: now, incident_updates: { length } }) => [id, now, length]),
    [
      [OPEN.id, "identified", 2],
      [OVER.id, "resolved", 1],
    ],
  );
  assert.equal((await api.incidents.getUnresolved()).incidents.length, 1);
  assert.equal((await api.scheduledMaintenances.getUpcoming()).scheduled_maintenances.length, 1);
});

function clientOf(address: string): Statuspage {
  const client = new Statuspage("slipway");
  client.setApiUrl(address);
  return client;
}

async function inBrowser(work: (browser: Browser) => Promise<void>): Promise<void> {
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
  try {
    await work(browser);
  } finally {
    await browser.close();
  }
}

test("axe finds nothing, and nothing is wider than the screen", { skip: NO_BROWSER }, async () => {
  // Stale pages have one part more.
  served.nowMs = AT_MS + 600_000;
  await inBrowser(async (browser) => {
    for (const colorScheme of ["light", "dark"] as const) {
      for (const width of [375, 1280]) {
        const viewport = { width, height: 800 };
        const context = await browser.newContext({ viewport, colorScheme, bypassCSP: true });
        const page = await context.newPage();
        for (const path of PATHS) {
          await page.goto(`${served.url}${path}`);
          await page.evaluate(AXE);
          const found: readonly string[] = await page.evaluate(
            "axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes[0].html))",
          );
          assert.deepEqual(found, [], `${path} at ${width}, ${colorScheme}`);
          const isWider = await page.evaluate("document.documentElement.scrollWidth > innerWidth");
          assert.equal(isWider, false, `${path} at ${width}`);
        }
        await context.close();
      }
    }
  });
  served.nowMs = AT_MS;
});

test("it is read without scripts, and says without them that it is stale", {
  skip: NO_BROWSER,
}, async () => {
  served.nowMs = AT_MS + 600_000;
  await inBrowser(async (browser) => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto(`${served.url}/en/`);
    assert.equal(await page.locator("#stale").isVisible(), true);
    assert.match(await page.locator("main").innerText(), /Partial outage[\s\S]*Code completion/);
  });
  served.nowMs = AT_MS;
});
