// What `rollout watch` shows in every phase, as pictures. After a deliberate change:
// UPDATE_GOLDEN=1 npm test -- packages/cli/test/watch, then look at the difference.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { renderWatch } from "slipway";
import { controlledViews } from "./controlled-views.ts";
import { sequentialViews } from "./sequential-views.ts";
import { base, START_MS, views } from "./views.ts";

const nowMs = START_MS + 14.4 * 60_000;
const all = { ...views, ...sequentialViews(base), ...controlledViews(base) };

for (const [name, view] of Object.entries(all)) {
  for (const width of [80, 120]) {
    test(`${name} at ${width} columns looks as it should and fits`, () => {
      const lines = renderWatch(view, { width, colour: false, nowMs });
      const picture = `${lines.join("\n")}\n`;
      const golden = join(import.meta.dirname, "golden", `${name}-${width}.txt`);
      if (process.env["UPDATE_GOLDEN"] !== undefined) writeFileSync(golden, picture);
      assert.equal(picture, readFileSync(golden, "utf8"));
      assert.ok(lines.every((line) => [...line].length <= width));
    });
  }
}
