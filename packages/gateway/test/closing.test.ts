// How a gateway ends: by a drain, which serves what is open or coming, or at once, as a crash would.

import assert from "node:assert/strict";
import { test } from "node:test";
import { SLOTS } from "@slipway/core";
import { routeOf, splitOf, tableOf } from "./fixtures.ts";
import { chat, type FakeExchange, World } from "./virtual-world.ts";

const ALL_CANDIDATE = tableOf(1, routeOf({ split: splitOf(SLOTS) }));

test("a drain serves what is open, says goodbye, and refuses what comes after", () => {
  const world = World.leased(ALL_CANDIDATE);
  const exchange = world.ask(chat("ann"));
  let isDrained = false;
  world.gateway.drain(() => {
    isDrained = true;
  });
  world.pass(1_000);
  assert.equal(isDrained, false);
  world.lastCall.answer();
  assert.equal(exchange.isEnded, true);
  world.pass(1_500);
  assert.equal(isDrained, true);
  assert.equal(world.link.frames.at(-1)?.frame.goodbye, true);
  assert.equal(world.rows.at(-1)?.outcomes.ok, 1);
  assert.equal(world.ask(chat("ann")).status, 503);
});

function uploading(): FakeExchange {
  const exchange = chat("ann");
  exchange.isUploading = true;
  return exchange;
}

test("a drain waits for a request whose body is still coming, and serves it", () => {
  const world = World.leased(ALL_CANDIDATE);
  const exchange = world.ask(uploading());
  let isDrained = false;
  world.gateway.drain(() => {
    isDrained = true;
  });
  world.pass(5_000);
  assert.equal(isDrained, false);
  exchange.sendBody();
  world.lastCall.answer();
  assert.equal(exchange.status, 200);
  world.pass(1_500);
  assert.equal(isDrained, true);
  assert.equal(world.rows.at(-1)?.outcomes.ok, 1);
});

test("a body that ends only after the goodbye is refused, and assigned nowhere", () => {
  const world = World.leased(ALL_CANDIDATE, { limits: { drainMsMax: 2_000 } });
  const exchange = world.ask(uploading());
  world.gateway.drain(() => {});
  world.pass(2_100);
  assert.equal(world.link.frames.at(-1)?.frame.goodbye, true);
  exchange.sendBody();
  assert.equal(exchange.status, 503);
  assert.match(exchange.received, /"closing"/);
  assert.equal(world.calls.length, 0);
});

test("a goodbye that nobody hears does not hold up the end for ever", () => {
  const world = World.leased(ALL_CANDIDATE);
  world.leaseMs = null;
  let isDrained = false;
  world.gateway.drain(() => {
    isDrained = true;
  });
  world.pass(5_000);
  assert.equal(isDrained, true);
});

test("a killed gateway cuts off what is open and says nothing", () => {
  const world = World.leased(ALL_CANDIDATE);
  const exchange = world.ask(chat("ann"));
  const frames = world.link.frames.length;
  world.gateway.kill();
  world.pass(5_000);
  assert.equal(exchange.isDestroyed, true);
  assert.equal(world.lastCall.isAborted, true);
  assert.equal(world.link.frames.length, frames);
});
