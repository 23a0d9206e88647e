// Debian's browser for tests, and what axe-core and a ruler say of a page in it: at the width of a telephone and of a desk, by
// light and by dark.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { type Browser, chromium } from "playwright-core";

const CHROMIUM = "/usr/bin/chromium";
/** Why nothing can be tried in it; false where it is there. */
export const NO_BROWSER: string | false = existsSync(CHROMIUM)
  ? false
  : `there is no browser at ${CHROMIUM}`;
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const WIDTHS = [375, 1280] as const;
const SCHEMES = ["light", "dark"] as const;

export async function inBrowser(work: (browser: Browser) => Promise<void>): Promise<void> {
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
  try {
    await work(browser);
  } finally {
    await browser.close();
  }
}

/** Each page in each light and at each width; whoever wants to see them gives a folder for pictures. */
export async function assertFit(
  browser: Browser,
  urls: readonly string[],
  folder: string | undefined = undefined,
): Promise<void> {
  for (const colorScheme of SCHEMES) {
    for (const width of WIDTHS) {
      const viewport = { width, height: 800 };
      const context = await browser.newContext({ viewport, colorScheme, bypassCSP: true });
      const page = await context.newPage();
      for (const [index, url] of urls.entries()) {
        await page.goto(url);
        await page.evaluate(AXE);
        const found: readonly string[] = await page.evaluate(
          "axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes[0].html))",
        );
        assert.deepEqual(found, [], `${url} at ${width}, ${colorScheme}`);
        const isWider = await page.evaluate("document.documentElement.scrollWidth > innerWidth");
        assert.equal(isWider, false, `${url} at ${width}`);
        if (folder !== undefined) {
          await page.screenshot({ path: `${folder}/${index + 1}-${width}-${colorScheme}.png` });
        }
      }
      await context.close();
    }
  }
}
