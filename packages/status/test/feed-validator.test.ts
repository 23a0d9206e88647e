// The W3C's own feed validator, where somebody has it: SLIPWAY_FEED_VALIDATOR is a folder with github.com/w3c/feedvalidator, and
// SLIPWAY_PYTHON a Python 3 that has its requirements. It fetches feeds as readers do.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import type { StatusPage } from "@slipway/core";
import { createPublisher } from "@slipway/status/edge";
import { AT_MS, OPEN, PAGE } from "./page-fixture.ts";
import { servedPage } from "./served-page.ts";

const folder = process.env["SLIPWAY_FEED_VALIDATOR"];
const python = process.env["SLIPWAY_PYTHON"] ?? "python3";
const skip =
  folder === undefined
    ? "SLIPWAY_FEED_VALIDATOR names no folder with the W3C's feed validator"
    : false;

/** What it says of a feed; AA are the rules of its own site. */
function said(url: string): Promise<string> {
  return new Promise((resolve) => {
    const cwd = join(folder ?? "", "src");
    execFile(python, ["demo.py", url, "AA"], { cwd }, (_, stdout, stderr) =>
      resolve(`${stdout}${stderr}`),
    );
  });
}

const [UPDATE, ...EARLIER] = OPEN.updates;
const PAGES: readonly (readonly [string, StatusPage])[] = [
  ["a page with incidents and maintenance", PAGE],
  ["a page on which nothing has happened", { ...PAGE, incidents: [], maintenances: [] }],
  [
    "words that are not meant as markup",
    {
      ...PAGE,
      incidents: [
        {
          ...OPEN,
          title: 'P99 < 1 s & "as usual"',
          updates: [
            ...(UPDATE === undefined ? [] : [{ ...UPDATE, text: "a < b & c\n<b>]]></b>" }]),
            ...EARLIER,
          ],
        },
      ],
    },
  ],
];

for (const [what, page] of PAGES) {
  test(`the W3C's feed validator finds nothing in the feeds of ${what}`, { skip }, async () => {
    const served = await servedPage();
    try {
      await createPublisher(served.dir)({ ...page, url: served.url }, AT_MS);
      for (const feed of ["history.rss", "history.atom"]) {
        assert.match(await said(`${served.url}/${feed}`), /No errors or warnings/, feed);
      }
    } finally {
      await served.close();
    }
  });
}
