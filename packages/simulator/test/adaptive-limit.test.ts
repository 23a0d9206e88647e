// A limit that the gateway finds by itself, before an engine whose best concurrency is known: 24 sequences fit.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Fault } from "@slipway/simulator";
import { OverloadWorld, type WorldOptions } from "./overload-world.ts";

const CAPACITY = 17.2;
const FITS = 24;
const FLOOD: WorldOptions = {
  inFlightMax: 512,
  concurrency: "adaptive",
  demand: [{ fromMs: 0, perSecond: 30 }],
  clients: [{ share: 1, retriesMax: 0, honoursRetryAfter: false }],
};

test("under constant overload the limit settles a little above what fits, and stays there", () => {
  const world = new OverloadWorld(FLOOD).run(1_200_000);
  for (let from = 60; from < 1_200; from += 60) {
    const limit = world.mean("limit", from, from + 60);
    assert.ok(limit >= FITS && limit <= FITS + 10, `${limit} after ${from} s`);
  }
  assert.ok(world.mean("done", 60, 1_200) > 0.98 * CAPACITY);
  assert.ok(world.mean("done", 0, 20) > 0.85 * CAPACITY, "and finds it within seconds");
});

test("answers that become eight times as long do not move it", () => {
  const world = new OverloadWorld({
    ...FLOOD,
    timeoutMs: 100_000,
    outputTokens: (random, nowMs) => (nowMs < 100_000 ? 40 : 320) * (0.5 + random.next()),
  }).run(400_000);
  const before = world.mean("limit", 50, 100);
  const after = world.mean("limit", 200, 400);
  assert.ok(Math.abs(after - before) < 4, `${before}, then ${after}`);
});

test("with long prompts it keeps below the concurrency at which the server chokes on them", () => {
  const options = { ...FLOOD, promptTokens: 2_000 };
  const adaptive = new OverloadWorld(options).run(200_000).mean("done", 60, 200);
  const wide = { ...options, concurrency: "fixed", inFlightMax: 48 } as const;
  const fixed = new OverloadWorld(wide).run(200_000).mean("done", 60, 200);
  assert.ok(adaptive > 2 * fixed, `${adaptive} a second, ${fixed} with 48 at once`);
});

const FAULTS: readonly Fault[] = [
  { kind: "slowdown", factor: 8 },
  { kind: "errors", rate: 1, status: 503 },
  { kind: "crash" },
];

for (const fault of FAULTS) {
  test(`after a minute of ${fault.kind} it is back within a minute`, () => {
    const world = new OverloadWorld({ ...FLOOD, demand: [{ fromMs: 0, perSecond: 20 }] });
    world.run(100_000);
    const end = world.server.plant(fault);
    world.run(160_000);
    end();
    world.run(300_000);
    if (fault.kind === "errors") {
      assert.ok(world.mean("limit", 110, 160) < 8, "a server that refuses is asked for little");
    }
    assert.ok(world.mean("done", 220, 300) > 0.97 * CAPACITY);
    const limit = world.mean("limit", 220, 300);
    assert.ok(limit >= FITS && limit <= FITS + 10, String(limit));
  });
}

test("where no answer is streamed it grows to its ceiling, and no further", () => {
  const world = new OverloadWorld({ ...FLOOD, stream: false, inFlightMax: 40 }).run(400_000);
  assert.ok(world.mean("done", 200, 400) > 0.98 * CAPACITY);
  assert.ok(world.max("limit") <= 40, "never above its ceiling");
});

test("where little is asked it takes nothing from anybody", () => {
  const demand = [{ fromMs: 0, perSecond: 5 }];
  const world = new OverloadWorld({ ...FLOOD, demand }).run(200_000);
  assert.equal(world.max("lost"), 0);
  assert.ok(world.max("limit", 10) >= 16);
});

test("workers that know nothing of each other share the server, and its limit holds", () => {
  const world = new OverloadWorld({ ...FLOOD, workers: 4 }).run(400_000);
  const limit = world.mean("limit", 100, 400);
  assert.ok(limit >= FITS && limit <= FITS + 20, String(limit));
  assert.ok(world.mean("done", 100, 400) > 0.98 * CAPACITY);
});
