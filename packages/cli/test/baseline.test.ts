// slipway baseline, against a controller that answers by script: both versions side by side, and limits as people write them.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Baseline, BaselineRow, SideBySide } from "@slipway/core";
import type { BaselineView } from "@slipway/wire";
import { type Script, scriptedController } from "./scripted-controller.ts";
import { type Ran, slipway } from "./slipway.ts";
import { views } from "./watch/views.ts";

const AT = Date.UTC(2026, 0, 15, 9);

const P99: BaselineRow = {
  name: "p99-latency",
  metric: { kind: "latency", time: "total", quantile: 0.99, byLength: false },
  unit: "ms",
  old: { n: 900, value: 480, low: 455, high: 512 },
  new: { n: 17_000, value: 412, low: 405, high: 420 },
};
const ERRORS: BaselineRow = {
  name: "errors",
  metric: { kind: "events", event: "errors" },
  unit: "share",
  old: { n: 900, value: 0.011, low: 0.005, high: 0.02 },
  new: { n: 17_000, value: 0.009, low: 0.007, high: 0.011 },
};

const MEASURED: SideBySide = {
  rolloutId: "r-7",
  from: "gpt-5.0",
  to: "gpt-5.3",
  fromMs: AT,
  toMs: AT + 3_600_000,
  isConcurrent: true,
  rows: [
    { ...P99, limit: 630 },
    { ...ERRORS, limit: 0.022 },
  ],
};

const ACCEPTED: Baseline = {
  rolloutId: "r-3",
  version: "gpt-5.0",
  atMs: AT,
  by: "ann",
  reason: "as it was",
  measured: [P99],
  limits: [{ name: "p99-latency", metric: P99.metric, unit: "ms", max: 800 }],
};

const VIEW: BaselineView = { model: "chat", proposed: MEASURED, inForce: ACCEPTED, earlier: [] };
const NONE: BaselineView = { model: "new", proposed: null, inForce: null, earlier: [] };

const SCRIPT: Script = {
  "GET /v1/models/chat/baseline": { body: VIEW },
  "GET /v1/models/new/baseline": { body: NONE },
  "POST /v1/models/chat/baseline": { body: ACCEPTED },
};

type After = { after: (clean: () => void) => void };

async function asked(
  t: After,
  ...args: readonly string[]
): Promise<Ran & { readonly body: unknown }> {
  const controller = await scriptedController(SCRIPT);
  t.after(controller.close);
  const ran = await slipway(["baseline", ...args, "--controller", controller.url]);
  return { ...ran, body: controller.asked.at(-1)?.body };
}

test("the limits in force come first, and then both versions with the limits that could be", async (t) => {
  const { out } = await asked(t, "show", "chat");
  assert.equal(
    out,
    `in force: gpt-5.0 as r-3 measured it, by ann at 2026-01-15 09:00 UTC: as it was
  figure                     before                     gpt-5.0                           limit
  p99-latency (P99 latency)  480 ms (455 ms to 512 ms)  412 ms (405 ms to 420 ms)  0.86x  800 ms

r-7: gpt-5.0 and gpt-5.3 side by side, at the same time
  figure                     gpt-5.0                    gpt-5.3                           limit to accept
  p99-latency (P99 latency)  480 ms (455 ms to 512 ms)  412 ms (405 ms to 420 ms)  0.86x  800 ms
  errors (error)             1.1% (0.5% to 2%)          0.9% (0.7% to 1.1%)        0.82x  2.2%
accept these limits for the next rollouts: slipway baseline accept chat --reason TEXT
`,
  );
  const { out: none } = await asked(t, "show", "new");
  assert.match(none, /no rollout of it has completed yet/);
});

test("what the newest rollout measured is accepted, with limits of one's own", async (t) => {
  const args = ["--limit", "p99-latency=800ms", "--limit", "errors=none", "--reason", "agreed"];
  const { code, out, body } = await asked(t, "accept", "chat", ...args, "--by", "ann");
  assert.equal(code, 0);
  const limits = { "p99-latency": 800, errors: null };
  assert.deepEqual(body, { rolloutId: "r-7", limits, by: "ann", reason: "agreed" });
  assert.match(
    out,
    /^1 limit from gpt-5\.0, in what the next rollout starts with\n {2}p99-latency at most 800 ms\n {2}p99-latency is set by hand: what was measured proposes 630 ms$/m,
  );
  const nothing = await asked(t, "accept", "new", "--reason", "agreed");
  assert.equal(nothing.code, 2);
  assert.match(nothing.err, /no rollout of new has completed/);
});

test("limits in force are edited by name, as shares, durations and numbers", async (t) => {
  const args = ["--limit", "errors=1.5%", "--limit", "cost=0.002", "--reason", "dearer now"];
  const { body } = await asked(t, "edit", "chat", ...args, "--by", "ann");
  const limits = { errors: 0.015, cost: 0.002 };
  assert.deepEqual(body, { rolloutId: null, limits, by: "ann", reason: "dearer now" });
  for (const wrong of ["errors", "=1%", "errors=lots", "errors=-1", "errors="]) {
    const { code } = await asked(t, "edit", "chat", "--limit", wrong, "--reason", "x");
    assert.equal(code, 2, wrong);
  }
  assert.equal((await asked(t, "edit", "chat", "--reason", "x")).code, 2);
});

test("a limit in another unit than its figure's is refused by name before anything changes", async (t) => {
  const cases = [
    ["edit", "p99-latency=2%", "p99-latency is no share", "p99-latency=800ms"],
    ["accept", "errors=800ms", "errors is no duration", "errors=1%"],
  ] as const;
  for (const [name, limit, message, fix] of cases) {
    const { code, err, body } = await asked(t, name, "chat", "--limit", limit, "--reason", "x");
    assert.equal(code, 2, limit);
    assert.ok(err.includes(message) && err.includes(fix), err);
    // What was asked last is what the limits are of; nothing was sent.
    assert.ok(body === undefined || body === null || body === "", JSON.stringify(body));
  }
});

test("a completed rollout is shown with what could be accepted of it, and also where its model is gone", async (t) => {
  const completed = views["completed"] ?? assert.fail("no view");
  const model = completed.model;
  const proposed = { ...MEASURED, rolloutId: completed.id };
  const schedules = { drill: null, drift: null };
  const known = {
    name: model,
    stable: "gpt-5.3",
    versions: [],
    rollout: null,
    warm: null,
    schedules,
  };
  for (const models of [[known], []]) {
    const controller = await scriptedController({
      [`GET /v1/rollouts/${completed.id}`]: { body: completed },
      "GET /v1/models": { body: models },
      ...(models.length === 0
        ? {}
        : { [`GET /v1/models/${model}/baseline`]: { body: { ...VIEW, model, proposed } } }),
    });
    t.after(controller.close);
    const shown = await slipway(["rollout", "show", completed.id, "--controller", controller.url]);
    assert.equal(shown.code, 0, shown.err);
    assert.equal(/slipway baseline accept/.test(shown.out), models.length === 1);
  }
});
