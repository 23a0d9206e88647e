// The status page before those who read it: a client of Statuspage's API from npm, and a browser with axe-core, at the
// width of a telephone and of a desk, by light and by dark, with scripts and without.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Statuspage } from "statuspage.io";
import { AT_MS, OPEN, OVER } from "../../packages/status/test/page-fixture.ts";
import { type ServedPage, servedPage } from "../../packages/status/test/served-page.ts";
import { assertFit, inBrowser, NO_BROWSER } from "./in-browser.ts";

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

test("axe finds nothing, and nothing is wider than the screen", { skip: NO_BROWSER }, async () => {
  // Stale pages have one part more.
  served.nowMs = AT_MS + 600_000;
  const urls = PATHS.map((path) => `${served.url}${path}`);
  await inBrowser((browser) => assertFit(browser, urls));
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
