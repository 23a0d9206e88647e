// Copies of requests: what is copied, what is counted, and that the request itself never notices.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  copiesOf,
  type Mirror,
  type MirrorRow,
  mergeMirrorRowInto,
  type Route,
} from "@slipway/core";
import fc from "fast-check";
import { routeOf, splitOf, tableOf, upstreamOf, versionOf } from "./fixtures.ts";
import { chat, FakeExchange, STREAM_TYPE, World, type WorldOptions } from "./virtual-world.ts";

const SHADOW = versionOf(
  "v3",
  upstreamOf({ id: "shadow-1", url: "http://shadow.test/v1", model: "model-v3", pool: "third" }),
);

function mirrorOf(fields: Partial<Mirror> = {}): Mirror {
  return {
    id: "mirror-1",
    to: SHADOW,
    share: 1,
    copies: 1,
    again: 0,
    inFlightMax: 16,
    perMinuteMax: null,
    keep: false,
    ...fields,
  };
}

function worldOf(
  mirror: Partial<Mirror> = {},
  route: Partial<Route> = {},
  options: WorldOptions = {},
): World {
  return World.leased(tableOf(1, routeOf({ ...route, mirror: mirrorOf(mirror) })), options);
}

/** All that was reported so far. */
function seen(world: World): MirrorRow {
  world.pass(2_500);
  const [first, ...others] = world.link.frames.flatMap(({ frame }) => frame.mirrored);
  assert.ok(first);
  const sum = structuredClone(first);
  for (const row of others) mergeMirrorRowInto(sum, row);
  return sum;
}

const hosts = (world: World): readonly string[] =>
  world.calls.map(({ request }) => new URL(request.baseUrl).hostname);

test("a copy goes to the version after the request itself, with that version's own model", () => {
  const world = worldOf();
  const exchange = world.ask(chat("ann", { stream: false }));
  assert.deepEqual(hosts(world), ["stable.test", "shadow.test"]);
  assert.deepEqual(world.calls[1]?.body, { model: "model-v3", messages: [], stream: false });
  world.calls[1]?.answer();
  assert.equal(exchange.status, 0, "the copy's answer is nobody's");
  world.calls[0]?.answer();
  assert.equal(exchange.status, 200);
  const { requests, sampled, sent, shadow, primary } = seen(world);
  assert.deepEqual([requests, sampled, sent], [1, 1, 1]);
  assert.deepEqual([shadow.outcomes, primary.outcomes], [{ ok: 1 }, { ok: 1 }]);
  assert.deepEqual(shadow.tokens, { input: 5, cached: 0, output: 3 });
});

test("whatever becomes of the copy, the request is served and counted as if there were none", () => {
  const fates: readonly ((world: World) => void)[] = [
    (world) => world.calls[1]?.sink.onError({ kind: "connect", message: "reset" }),
    (world) => world.calls[1]?.answer(500),
    (world) => world.calls[1]?.answer(200, ""),
    (world) => world.calls[1]?.answer(429),
    () => {},
  ];
  for (const fate of fates) {
    const world = worldOf({}, { split: splitOf(0) });
    const exchange = world.ask(chat("ann"));
    fate(world);
    world.calls[0]?.answer();
    assert.equal(exchange.status, 200);
    assert.equal(world.observations.length, 1);
    world.pass(2_000);
    assert.deepEqual(
      world.rows.map(({ arm, outcomes }) => [arm, outcomes]),
      [["stable", { ok: 1 }]],
    );
  }
});

test("neither the client's key nor its idempotency key goes with a copy", () => {
  const world = worldOf();
  const keys = ["authorization", "Bearer secret", "Idempotency-Key", "once", "x-user", "ann"];
  world.ask(new FakeExchange({ model: "gpt-5", messages: [] }, keys));
  const sent = world.calls.map(({ request }) => request.headers.map((part) => part.toLowerCase()));
  assert.ok(sent[0]?.includes("bearer secret") && sent[0].includes("once"));
  for (const part of ["authorization", "idempotency-key"]) assert.ok(!sent[1]?.includes(part));
  assert.ok(sent[1]?.includes("x-user"));
});

test("what does something when it is done twice is not copied", () => {
  const world = worldOf();
  world.ask(chat("ann", { store: true }));
  world.ask(new FakeExchange({ model: "gpt-5", input: "x" }, [], "/v1/responses"));
  world.ask(new FakeExchange({ model: "gpt-5", query: "x" }, [], "/v1/rerank"));
  assert.ok(!hosts(world).includes("shadow.test"));
  const { requests, ineligible, sampled } = seen(world);
  assert.deepEqual([requests, sampled], [3, 0]);
  assert.deepEqual(ineligible, { "side-effects": 2, api: 1 });
});

test("what the upstream would look up for money is not copied, though it may be replayed", () => {
  const world = worldOf();
  const client = { type: "function", function: { name: "f" } };
  world.ask(chat("ann", { tools: [client, { type: "web_search" }] }));
  world.ask(chat("bob", { tools: [{ type: "web_fetch_20250910", name: "web_fetch" }] }));
  assert.ok(!hosts(world).includes("shadow.test"));
  assert.deepEqual(seen(world).ineligible, { "hosted-tools": 2 });
  world.ask(chat("cas", { tools: [client] }));
  assert.ok(hosts(world).includes("shadow.test"));
});

test("responses without a store, and messages, are copied", () => {
  const world = worldOf();
  const answers = { model: "gpt-5", input: "x", store: false };
  world.ask(new FakeExchange(answers, [], "/v1/responses"));
  world.ask(new FakeExchange({ model: "gpt-5", messages: [], max_tokens: 5 }, [], "/v1/messages"));
  assert.equal(hosts(world).filter((host) => host === "shadow.test").length, 2);
});

test("a request is copied as often as the amplification says", () => {
  const world = worldOf({ copies: 3 });
  world.ask(chat("ann"));
  assert.deepEqual(hosts(world), ["stable.test", "shadow.test", "shadow.test", "shadow.test"]);
  world.calls[0]?.answer();
  for (const call of world.calls.slice(1)) call.answer();
  const { sampled, sent, shadow, primary } = seen(world);
  assert.deepEqual([sampled, sent, shadow.outcomes.ok, primary.outcomes.ok], [1, 3, 3, 1]);
});

test("a share of what is copied goes to stable once more, and is counted by itself", () => {
  const world = worldOf({ again: 1 });
  const exchange = world.ask(chat("ann"));
  assert.deepEqual(hosts(world), ["stable.test", "shadow.test", "stable.test"]);
  world.calls[2]?.answer(500);
  world.calls[1]?.answer();
  world.calls[0]?.answer();
  assert.equal(exchange.status, 200);
  const { sent, shadow, primary, again } = seen(world);
  assert.deepEqual(
    [sent, shadow.outcomes, primary.outcomes, again.outcomes],
    [1, { ok: 1 }, { ok: 1 }, { server_error: 1 }],
  );
});

test("how often stable is asked again is the share of the copied requests, whoever asks", () => {
  const world = worldOf({ again: 0.3, inFlightMax: 10_000 });
  for (let i = 0; i < 500; i++) {
    const before = world.calls.length;
    world.ask(chat(`user-${i}`));
    for (const call of world.calls.slice(before)) call.answer();
  }
  const again = hosts(world).filter((host) => host === "stable.test").length - 500;
  assert.ok(again > 110 && again < 190, `${again} of 500`);
});

test("a fraction of a copy is made that often, over many requests", () => {
  const random = fc.sample(fc.double({ min: 0, max: 0.999, noNaN: true }), {
    seed: 7,
    numRuns: 20_000,
  });
  const chosen = random.map((draw, index) =>
    copiesOf({ share: 1, copies: 2.5 }, 0, ((index * 0.618) % 1) + 0 * draw),
  );
  const mean = chosen.reduce((sum, n) => sum + n, 0) / chosen.length;
  assert.ok(Math.abs(mean - 2.5) < 0.01, `${mean}`);
  assert.equal(copiesOf({ share: 0.1, copies: 4 }, 0.1, 0), 0);
  assert.equal(copiesOf({ share: 0.1, copies: 4 }, 0.099, 0), 4);
});

test("copies above the mirror's own limits are dropped and counted", () => {
  const few = worldOf({ inFlightMax: 2 });
  for (let i = 0; i < 5; i++) few.ask(chat("ann"));
  assert.equal(seen(few).sent, 2);
  assert.deepEqual(seen(few).dropped, { "in-flight": 3 });
  const slow = worldOf({ perMinuteMax: 3 });
  for (let i = 0; i < 5; i++) slow.ask(chat("ann"));
  const { sent, dropped } = seen(slow);
  assert.deepEqual([sent, dropped], [3, { "per-minute": 2 }]);
  slow.pass(61_000);
  slow.ask(chat("ann"));
  assert.equal(seen(slow).sent, 4);
});

test("while requests wait for stable, or the version's slots are half full, nothing is copied", () => {
  const small = versionOf("v1", upstreamOf({ url: "http://stable.test/v1", inFlightMax: 1 }));
  const waiting = worldOf({}, { stable: small });
  waiting.ask(chat("ann"));
  waiting.ask(chat("bob"));
  assert.deepEqual(seen(waiting).dropped, { busy: 1 });
  const to = versionOf("v3", upstreamOf({ url: "http://shadow.test/v1", inFlightMax: 4 }));
  const full = worldOf({ to });
  for (let i = 0; i < 5; i++) full.ask(chat("ann"));
  const { sent, dropped } = seen(full);
  assert.deepEqual([sent, dropped], [2, { busy: 3 }]);
});

test("a copy that is refused where the user got an answer is incompatible, whichever comes first", () => {
  for (const order of [
    [0, 1],
    [1, 0],
  ]) {
    const world = worldOf();
    world.ask(chat("ann"));
    for (const index of order) world.calls[index]?.answer(index === 1 ? 400 : 200);
    assert.deepEqual(seen(world).shadow.outcomes, { incompatible: 1 });
  }
});

test("a copy that never ends is cut off at the deadline, and its slot is free again", () => {
  const world = worldOf({}, { deadlineMs: 5_000 });
  world.ask(chat("ann", { stream: true }));
  world.calls[0]?.answer();
  world.calls[1]?.sink.onHead(200, STREAM_TYPE);
  world.pass(6_000);
  assert.equal(world.calls[1]?.isAborted, true);
  assert.deepEqual(seen(world).shadow.outcomes, { timeout: 1 });
  const states = world.gateway.snapshot().versions;
  assert.equal(
    states.reduce((sum, { inFlight }) => sum + inFlight, 0),
    0,
  );
});

test("a client that leaves ends its own request, and not the copy", () => {
  const world = worldOf();
  const exchange = world.ask(chat("ann"));
  exchange.leave();
  assert.deepEqual([world.calls[0]?.isAborted, world.calls[1]?.isAborted], [true, false]);
  world.calls[1]?.answer();
  assert.deepEqual(seen(world).shadow.outcomes, { ok: 1 });
});

test("when a mirror ends, or the worker shuts down, its copies are cut off at once", () => {
  const ended = worldOf();
  ended.ask(chat("ann"));
  ended.link.publish(tableOf(2, routeOf()));
  assert.equal(ended.calls[1]?.isAborted, true);
  ended.ask(chat("ann"));
  assert.equal(ended.calls.length, 3);
  const closing = worldOf();
  closing.ask(chat("ann"));
  closing.gateway.drain(() => {});
  assert.deepEqual([closing.calls[0]?.isAborted, closing.calls[1]?.isAborted], [false, true]);
});

test("requests that the version answers anyway are not copied to it", () => {
  const world = worldOf({ to: routeOf().stable });
  world.ask(chat("ann"));
  assert.equal(world.calls.length, 1);
  assert.deepEqual(seen(world).ineligible, { "same-version": 1 });
});
