// A rollback while the candidate is answering: its answers finish, or are cut where the policy says so.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Route, SLOTS, type Table } from "@slipway/core";
import { bytes, CANDIDATE, routeOf, splitOf, tableOf } from "./fixtures.ts";
import { chat, type FakeExchange, STREAM_TYPE, World } from "./virtual-world.ts";

const EVENT = 'data: {"choices":[{"delta":{"content":"a"}}]}\n\n';
const CUT: Partial<Route> = { onRollback: "cut" };
const serving = (fields: Partial<Route>): Table =>
  tableOf(1, routeOf({ split: splitOf(SLOTS), ...fields }));
const ROLLED_BACK = tableOf(2, routeOf({ split: splitOf(0), ...CUT }));

function streaming(world: World): FakeExchange {
  const exchange = world.ask(chat("ann", { stream: true }));
  world.lastCall.sink.onHead(200, STREAM_TYPE);
  world.lastCall.sink.onData(bytes(EVENT));
  return exchange;
}

test("without a word about it an answer finishes on its version", () => {
  const world = World.leased(serving({}));
  const exchange = streaming(world);
  world.link.publish(tableOf(2, routeOf({ split: splitOf(0) })));
  world.lastCall.sink.onData(bytes("data: [DONE]\n\n"));
  world.lastCall.sink.onEnd();
  assert.equal(exchange.received, `${EVENT}data: [DONE]\n\n`);
  assert.equal(world.observations[0]?.outcome, "ok");
});

test("cut: a stream ends with an error event in the API's own form, and counts against nobody", () => {
  const world = World.leased(serving(CUT));
  const exchange = streaming(world);
  world.link.publish(ROLLED_BACK);
  assert.ok(world.lastCall.isAborted);
  assert.ok(exchange.isOver);
  const event = exchange.received.slice(EVENT.length);
  assert.match(event, /^data: \{"error":.*"rolled_back"/);
  assert.equal(world.observations[0]?.outcome, "cancelled");
});

test("cut: a request without an answer yet goes to stable, and its user sees no error", () => {
  const world = World.leased(serving(CUT));
  const exchange = world.ask(chat("ann"));
  world.link.publish(ROLLED_BACK);
  assert.equal(world.lastHost, "stable.test");
  world.lastCall.answer();
  assert.equal(exchange.status, 200);
  assert.equal(world.observations[0]?.replayed, "cancelled");
});

test("cut: a request that may not be sent twice finishes where it is", () => {
  const world = World.leased(serving(CUT));
  const exchange = world.ask(chat("ann", { store: true }));
  world.link.publish(ROLLED_BACK);
  assert.equal(world.calls.length, 1);
  world.lastCall.answer();
  assert.equal(exchange.status, 200);
});

test("cut: growing, stepping back and completing leave answers alone", () => {
  const completed = tableOf(2, routeOf({ stable: CANDIDATE, ...CUT }));
  const smaller = tableOf(2, routeOf({ split: splitOf(1), ...CUT }));
  for (const table of [completed, smaller]) {
    const world = World.leased(serving(CUT));
    const exchange = streaming(world);
    world.link.publish(table);
    assert.ok(!exchange.isOver);
  }
});

test("cut: what stable answers is nobody's rollback", () => {
  const world = World.leased(tableOf(1, routeOf({ split: splitOf(1), ...CUT })));
  const exchange = streaming(world);
  world.link.publish(ROLLED_BACK);
  assert.ok(!exchange.isOver);
});
