// Overload: twice the demand that a server can meet, from clients that ask again. With Slipway's limit the server goes on
// at its capacity; without one it does nothing useful any more, and does not come back when the demand falls.

import assert from "node:assert/strict";
import { test } from "node:test";
import { CLIENTS, type Demand, OverloadWorld } from "./overload-world.ts";

/** Answers a second of the server at its best, measured with 24 to 48 requests at once: see the first test. */
const CAPACITY = 17.2;
const SLOTS = 24;

/** A minute of calm, three minutes of twice the capacity, and calm again. */
const STORM: Demand = [
  { fromMs: 0, perSecond: 0.6 * CAPACITY },
  { fromMs: 60_000, perSecond: 2 * CAPACITY },
  { fromMs: 240_000, perSecond: 0.6 * CAPACITY },
];
const ONCE = [{ share: 1, retriesMax: 0, honoursRetryAfter: false }];

test("the server's capacity is what these tests take it for", () => {
  const flood = [{ fromMs: 0, perSecond: 60 }];
  const world = new OverloadWorld({ inFlightMax: SLOTS, demand: flood, clients: ONCE }).run(60_000);
  const best = world.mean("done", 10, 60);
  assert.ok(Math.abs(best - CAPACITY) < 0.5, `${best} a second`);
});

for (const [name, options] of [
  ["a fixed limit", { inFlightMax: SLOTS, concurrency: "fixed", overshoot: 0 }],
  ["a limit found by itself", { inFlightMax: 512, concurrency: "adaptive", overshoot: 10 }],
] as const) {
  test(`with ${name} a retry storm costs no goodput, and is over within a minute of its cause`, () => {
    const world = new OverloadWorld({ ...options, demand: STORM }).run(360_000);
    assert.ok(world.mean("sent", 90, 240) > 4 * CAPACITY, "it is a storm");
    const goodput = world.mean("done", 90, 240);
    assert.ok(goodput > 0.97 * CAPACITY, `${goodput} a second at the height`);
    assert.ok(
      world.max("serverLoadMax", 90) <= SLOTS + options.overshoot,
      "the server's limit holds",
    );
    assert.ok(world.max("queuedMax") <= 256, "the queue is bounded");
    // Retries that were put off still come for a while; then what waits is served.
    assert.equal(world.max("lost", 260), 0, "nobody is lost from 20 s after the demand has fallen");
    assert.ok(world.max("queuedMax", 275) < 15, "and from 35 s after nobody waits for long");
    const tookMs = world.mean("tookMs", 300, 360) / world.mean("done", 300, 360);
    const beforeMs = world.mean("tookMs", 20, 60) / world.mean("done", 20, 60);
    assert.ok(tookMs < 1.25 * beforeMs, `${tookMs} ms, ${beforeMs} ms before`);
  });
}

test("without a limit the same storm ends all useful work, and it does not come back", () => {
  const world = new OverloadWorld({ inFlightMax: 100_000, demand: STORM }).run(360_000);
  assert.ok(world.mean("done", 20, 60) > 0.55 * CAPACITY, "all was well before");
  assert.ok(world.mean("done", 90, 240) < 0.05 * CAPACITY);
  assert.ok(world.mean("done", 300, 360) < 0.05 * CAPACITY, "although the demand is what it was");
});

test("clients that wait as long as they are told send fewer requests for the same goodput", () => {
  const [sdk, stubborn] = CLIENTS.map(({ honoursRetryAfter }) => {
    const clients = [{ share: 1, retriesMax: 4, honoursRetryAfter }];
    return new OverloadWorld({ inFlightMax: SLOTS, demand: STORM, clients }).run(240_000);
  });
  assert.ok((sdk?.mean("done", 90, 240) ?? 0) > 0.95 * CAPACITY);
  assert.ok((stubborn?.mean("done", 90, 240) ?? 0) > 0.95 * CAPACITY);
  assert.ok((sdk?.mean("sent", 90, 240) ?? 0) <= (stubborn?.mean("sent", 90, 240) ?? 0));
});

test("no slot is lost in a storm", () => {
  const demand = [...STORM, { fromMs: 270_000, perSecond: 0 }];
  const world = new OverloadWorld({ inFlightMax: SLOTS, demand }).run(330_000);
  const [state] = world.gateways[0]?.snapshot().versions ?? [];
  assert.deepEqual([state?.inFlight, state?.queued, world.server.load], [0, 0, 0]);
});
