// When a failed candidate request is replayed to stable, and what is counted then.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Route, SLOTS } from "@slipway/core";
import fc from "fast-check";
import { isReplayableStatus, mayReplay, type ReplayFacts } from "../src/path/failure.ts";
import { RetryBudget } from "../src/upstream/retry-budget.ts";
import { bytes, routeOf, splitOf, tableOf, upstreamOf, versionOf } from "./fixtures.ts";
import { chat, FakeExchange, STREAM_TYPE, World } from "./virtual-world.ts";

const CANDIDATE_ROUTE = routeOf({ split: splitOf(SLOTS) });

function worldOf(fields: Partial<Route> = {}): World {
  return World.leased(tableOf(1, { ...CANDIDATE_ROUTE, ...fields }));
}

function countedIn(world: World): readonly string[] {
  world.pass(2_000);
  return world.rows.flatMap((row) => [
    ...Object.keys(row.outcomes),
    ...(row.spared > 0 ? ["spared"] : []),
  ]);
}

function replayedAfter(world: World, fields: object, fail: () => void): FakeExchange {
  const exchange = world.ask(chat("ann", fields));
  assert.equal(world.lastHost, "candidate.test");
  fail();
  return exchange;
}

test("the rule of replay holds for every combination of facts", () => {
  const facts: fc.Arbitrary<ReplayFacts> = fc.record({
    arm: fc.constantFrom("stable", "candidate"),
    enabled: fc.boolean(),
    isCommitted: fc.boolean(),
    hasSideEffects: fc.boolean(),
    samePool: fc.boolean(),
    leftMs: fc.integer({ min: -10, max: 10 }),
    failure: fc.record({
      outcome: fc.constantFrom(
        "connect",
        "timeout",
        "server_error",
        "rate_limited",
        "client_error",
      ),
      status: fc.option(fc.constantFrom(200, 400, 401, 404, 409, 418, 422, 429, 500, 503)),
      dispatched: fc.boolean(),
    }),
  });
  fc.assert(
    fc.property(facts, (f) => {
      const { failure } = f;
      if (!mayReplay(f)) return true;
      return (
        f.arm === "candidate" &&
        f.enabled &&
        !f.isCommitted &&
        f.leftMs > 0 &&
        !(f.hasSideEffects && failure.dispatched) &&
        !(f.samePool && failure.status === 429) &&
        (failure.status === null || failure.status < 400 || isReplayableStatus(failure.status))
      );
    }),
    { numRuns: 500 },
  );
});

test("the replay keeps the body as the client sent it, for stable's own model", () => {
  const world = worldOf();
  replayedAfter(world, { stream: false }, () => world.lastCall.answer(500));
  assert.equal(world.lastHost, "stable.test");
  assert.deepEqual(world.lastCall.body, { model: "model-v1", messages: [], stream: false });
});

test("the user is told who answered in the candidate's place", () => {
  const world = worldOf();
  const exchange = replayedAfter(world, {}, () => world.lastCall.answer(503));
  world.lastCall.answer();
  assert.deepEqual(
    ["version", "arm", "replayed"].map((name) => exchange.header(`x-slipway-${name}`)),
    ["v1", "stable", "candidate"],
  );
});

test("a 4xx that stable gives too counts against nobody", () => {
  const world = worldOf();
  const exchange = replayedAfter(world, {}, () => world.lastCall.answer(400, "candidate says no"));
  world.lastCall.answer(400, "stable says no");
  assert.equal(exchange.received, "stable says no");
  assert.deepEqual(countedIn(world), ["client_error"]);
});

test("a failure that stable shares is the candidate's all the same, and spares nobody", () => {
  const world = worldOf();
  const exchange = replayedAfter(world, {}, () => world.lastCall.answer(500));
  world.lastCall.answer(503, "stable is ill");
  assert.equal(exchange.status, 503);
  assert.deepEqual(countedIn(world), ["server_error"]);
});

test("a 409 is the client's own: it is relayed, not replayed", () => {
  const world = worldOf();
  const exchange = replayedAfter(world, {}, () => world.lastCall.answer(409, "conflict"));
  assert.equal(exchange.received, "conflict");
  assert.equal(world.calls.length, 1);
});

test("after the first byte nothing is replayed", () => {
  const world = worldOf();
  const exchange = world.ask(chat("ann", { stream: true }));
  world.lastCall.sink.onHead(200, STREAM_TYPE);
  world.lastCall.sink.onData(bytes("data: {}\n\n"));
  world.lastCall.sink.onError({ kind: "connect", message: "reset" });
  assert.match(
    exchange.received,
    /^data: \{\}\n\ndata: \{"error":\{.*"upstream_broke_off"\}\}\n\n$/,
  );
  assert.equal(world.calls.length, 1);
  assert.deepEqual(countedIn(world), ["truncated"]);
});

test("a 429 is not replayed into the pool that gave it", () => {
  const shared = versionOf("v2", upstreamOf({ url: "http://candidate.test/v1", pool: "old" }));
  const world = worldOf({ split: splitOf(SLOTS, shared) });
  const exchange = replayedAfter(world, {}, () => world.lastCall.answer(429, "slow down"));
  assert.equal(exchange.status, 429);
  assert.equal(exchange.received, "slow down");
  const other = worldOf({ split: splitOf(SLOTS, shared) });
  replayedAfter(other, {}, () => other.lastCall.answer(500));
  assert.equal(other.lastHost, "stable.test", "other failures may go there");
});

for (const [name, fields] of [
  ["store", { store: true }],
  ["background", { background: true }],
  ["a hosted tool", { tools: [{ type: "function" }, { type: "code_interpreter" }] }],
] as const) {
  test(`a request with ${name} is not replayed once it may have been seen`, () => {
    const world = worldOf();
    const exchange = replayedAfter(world, fields, () => world.lastCall.answer(500, "broken"));
    assert.equal(exchange.status, 500);
    const unsent = worldOf();
    replayedAfter(unsent, fields, () =>
      unsent.lastCall.sink.onError({ kind: "connect", message: "refused", unsent: true }),
    );
    assert.equal(unsent.lastHost, "stable.test", "what never left may be sent elsewhere");
  });
}

test("a client's own tools do not keep a request from being replayed", () => {
  const world = worldOf();
  const tools = [
    { type: "function", function: { name: "f" } },
    { name: "g", input_schema: {} },
    { type: "text_editor_20250728", name: "edit" },
  ];
  replayedAfter(world, { tools }, () => world.lastCall.answer(500));
  assert.equal(world.lastHost, "stable.test");
});

test("nor do tools that only look something up, which agents bring along by themselves", () => {
  const world = worldOf();
  const tools = [
    { type: "function", name: "exec_command" },
    { type: "namespace", name: "agents", tools: [] },
    { type: "web_search" },
    { type: "web_search_preview_2025_03_11" },
  ];
  replayedAfter(world, { tools }, () => world.lastCall.answer(500));
  assert.equal(world.lastHost, "stable.test");
});

test("a candidate that has not begun by half the deadline makes room for stable", () => {
  const world = worldOf({ deadlineMs: 10_000 });
  const exchange = world.ask(chat("ann"));
  const stalled = world.lastCall;
  world.pass(4_900);
  assert.equal(world.calls.length, 1);
  world.pass(200);
  assert.equal(stalled.isAborted, true);
  assert.equal(world.lastHost, "stable.test");
  world.lastCall.answer();
  assert.equal(exchange.status, 200);
  assert.deepEqual(countedIn(world), ["timeout", "spared"]);
});

test("a candidate that cannot be replayed has the whole deadline", () => {
  const world = worldOf({ deadlineMs: 10_000, replay: { enabled: false, budget: 1 } });
  const exchange = world.ask(chat("ann"));
  world.pass(9_900);
  assert.equal(exchange.isOver, false);
  world.pass(200);
  assert.equal(exchange.status, 504);
  assert.match(exchange.received, /upstream_timeout/);
});

test("the replay ends with the request's own deadline", () => {
  const world = worldOf({ deadlineMs: 10_000 });
  const exchange = world.ask(chat("ann"));
  world.pass(10_100);
  assert.equal(exchange.status, 504);
  assert.equal(world.gateway.snapshot().openRequests, 0);
  assert.deepEqual(countedIn(world), ["timeout"]);
});

test("a client that leaves during the replay does not excuse the candidate", () => {
  const world = worldOf();
  const exchange = replayedAfter(world, {}, () => world.lastCall.answer(500));
  exchange.leave();
  assert.equal(world.lastCall.isAborted, true);
  assert.deepEqual(countedIn(world), ["server_error"]);
});

test("a broken candidate cannot flood stable: replays have a budget", () => {
  const trip = { enabled: false, failures: 10 };
  const world = worldOf({ replay: { enabled: true, budget: 0.1 }, trip });
  let replayed = 0;
  for (let i = 0; i < 200; i++) {
    world.ask(chat(`user-${i}`));
    world.lastCall.answer(500);
    if (world.lastHost === "stable.test") {
      replayed++;
      world.lastCall.answer();
    }
  }
  assert.equal(replayed, 30, "ten, and a tenth of two hundred");
});

test("a budget of zero is none: nothing is replayed", () => {
  const world = worldOf({ replay: { enabled: true, budget: 0 } });
  const exchange = replayedAfter(world, {}, () => world.lastCall.answer(500, "broken"));
  assert.equal(exchange.status, 500);
  assert.equal(world.calls.length, 1);
});

test("the budget never gives more than its share plus ten in any ten seconds", () => {
  const steps = fc.array(fc.record({ afterMs: fc.nat(1_500), spends: fc.boolean() }), {
    maxLength: 300,
  });
  fc.assert(
    fc.property(steps, fc.double({ min: 0, max: 1, noNaN: true }), (taken, share) => {
      const budget = new RetryBudget();
      let requests = 0;
      let spent = 0;
      let nowMs = 0;
      for (const step of taken) {
        nowMs += step.afterMs;
        budget.request(nowMs);
        requests++;
        if (step.spends && budget.spend(nowMs, share)) spent++;
      }
      const windows = nowMs / 9_000 + 1;
      return spent <= share * requests * 2 + (10 + 1) * windows;
    }),
  );
});

test("a kept connection that had gone stale is no failure: the request is sent once more", () => {
  const world = worldOf();
  const exchange = world.ask(chat("ann"));
  const stale = { kind: "connect", message: "closed", stale: true } as const;
  world.lastCall.sink.onError(stale);
  assert.equal(world.lastHost, "candidate.test");
  assert.equal(world.calls.length, 2);
  world.lastCall.answer();
  assert.equal(exchange.header("x-slipway-arm"), "candidate");
  assert.deepEqual(countedIn(world), ["ok"]);
});

test("a candidate whose upstreams are all taken is spared by stable, also in the same pool", () => {
  const shared = versionOf(
    "v2",
    upstreamOf({ url: "http://candidate.test/v1", pool: "old", inFlightMax: 1 }),
  );
  const table = tableOf(1, { ...CANDIDATE_ROUTE, split: splitOf(SLOTS, shared) });
  const world = World.leased(table, { limits: { queuePerUpstreamMax: 0 } });
  world.ask(chat("ann"));
  const second = world.ask(chat("ben"));
  assert.equal(world.lastHost, "stable.test");
  world.lastCall.answer();
  assert.equal(second.status, 200);
  assert.deepEqual(countedIn(world), ["rate_limited", "spared"]);
});

test("a candidate that never got a slot was never in flight, however long stable then takes", () => {
  const narrow = versionOf("v2", upstreamOf({ url: "http://candidate.test/v1", inFlightMax: 1 }));
  const world = worldOf({ split: splitOf(SLOTS, narrow) });
  world.ask(chat("ann"));
  const second = world.ask(chat("ben"));
  world.pass(5_100);
  assert.equal(world.lastHost, "stable.test", "it has waited long enough");
  world.pass(4_000);
  world.lastCall.answer();
  assert.equal(second.status, 200);
  assert.deepEqual(countedIn(world), ["rate_limited", "spared"]);
  assert.ok(world.rows.every((row) => row.inFlightMs === 0));
});

for (const [status, outcome] of [
  [500, "server_error"],
  [404, "incompatible"],
] as const) {
  test(`a candidate that failed at once with ${status} is not slow because stable's answer is long`, () => {
    const evidence = { tickMs: 1_000, horizonMs: 3_000, segments: [] };
    const world = worldOf({ evidence });
    replayedAfter(world, { stream: true }, () => world.lastCall.answer(status));
    world.lastCall.sink.onHead(200, STREAM_TYPE);
    world.lastCall.sink.onData(bytes("data: {}\n\n"));
    world.pass(4_000);
    assert.deepEqual(countedIn(world), [outcome]);
    assert.ok(world.rows.every((row) => row.latency.total.over === 0));
  });
}

test("a key of the upstream's own that is refused is the upstream's failure, replayed or not", () => {
  const counted = (keyEnv: string | null, enabled: boolean, status: number): readonly string[] => {
    const keyed = versionOf("v2", upstreamOf({ url: "http://candidate.test/v1", keyEnv }));
    const world = worldOf({ split: splitOf(SLOTS, keyed), replay: { enabled, budget: 1 } });
    world.ask(chat("ann"));
    world.lastCall.answer(status);
    if (enabled) world.lastCall.answer();
    return countedIn(world);
  };
  for (const status of [401, 403]) {
    assert.deepEqual(counted("KEY", false, status), ["server_error"]);
    assert.deepEqual(counted("KEY", true, status), ["server_error", "spared"]);
    assert.deepEqual(counted(null, false, status), ["client_error"]);
  }
  assert.deepEqual(counted("KEY", false, 404), ["client_error"]);
});

test("what an unknown path does is not known, so it is not done twice", () => {
  const ask = (path: string, method = "POST"): World => {
    const world = worldOf();
    const exchange = new FakeExchange({ model: "gpt-5" }, ["x-user", "ann"], path);
    world.ask(Object.assign(exchange, { method }));
    assert.equal(world.lastHost, "candidate.test");
    world.lastCall.answer(500);
    return world;
  };
  assert.equal(ask("/v1/fine_tuning/jobs").calls.length, 1);
  assert.equal(ask("/v1/rerank").lastHost, "stable.test");
  assert.equal(ask("/v1/fine_tuning/jobs", "GET").lastHost, "stable.test", "a read does nothing");
});

test("a response that the upstream keeps is not asked of stable too: it keeps what does not say otherwise", () => {
  for (const [fields, calls] of [
    [{}, 1],
    [{ store: null }, 1],
    [{ store: true }, 1],
    [{ store: false }, 2],
  ] as const) {
    const world = worldOf();
    const body = { model: "gpt-5", input: "x", ...fields };
    world.ask(new FakeExchange(body, ["x-user", "ann"], "/v1/responses"));
    world.lastCall.answer(500, "broken");
    assert.equal(world.calls.length, calls, JSON.stringify(fields));
  }
  const world = worldOf();
  world.ask(new FakeExchange({ model: "gpt-5", input: "x" }, ["x-user", "ann"], "/v1/responses"));
  world.lastCall.sink.onError({ kind: "connect", message: "refused", unsent: true });
  assert.equal(world.lastHost, "stable.test", "what was never sent is kept nowhere");
});
