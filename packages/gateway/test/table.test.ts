// Which tables a gateway follows.

import assert from "node:assert/strict";
import { test } from "node:test";
import { SLOTS } from "@slipway/core";
import { routeOf, splitOf, tableOf } from "./fixtures.ts";
import { chat, World } from "./virtual-world.ts";

const followed = (world: World): number | undefined => world.gateway.snapshot().table?.number;

test("a newer table is followed and kept on disk; a lower or equal one is refused", () => {
  const world = World.leased(tableOf(5, routeOf()));
  world.link.publish(tableOf(4, routeOf({ split: splitOf(SLOTS) })));
  world.link.publish(tableOf(5, routeOf({ split: splitOf(SLOTS) })));
  world.ask(chat("ann"));
  assert.equal(world.lastHost, "stable.test");
  assert.equal(followed(world), 5);
  world.link.publish(tableOf(7, routeOf()));
  assert.equal(followed(world), 7);
  assert.deepEqual(
    world.saved.map((table) => table.number),
    [5, 7],
  );
  assert.ok(world.log.lines.some((line) => line.message.includes("lower number")));
});

test("a table lower than the one on disk is refused", () => {
  const world = new World({ onDisk: tableOf(9, routeOf()) });
  world.link.publish(tableOf(8, routeOf()));
  assert.equal(followed(world), 9);
});

test("another store's table is refused until an operator says otherwise, and said once", () => {
  const world = World.leased(tableOf(5, routeOf()));
  for (const number of [6, 7]) world.link.publish({ ...tableOf(number), storeId: "store-2" });
  assert.equal(followed(world), 5);
  const refusals = world.log.lines.filter((line) => line.message.includes("another store"));
  assert.equal(refusals.length, 1);
});

test("a request keeps the table it was assigned by", () => {
  const world = World.leased(tableOf(1, routeOf({ split: splitOf(SLOTS) })));
  const exchange = world.ask(chat("ann"));
  world.link.publish(tableOf(2, routeOf()));
  world.lastCall.answer();
  assert.equal(exchange.header("x-slipway-rollout"), "r1");
  world.pass(1_000);
  assert.deepEqual([...new Set(world.rows.map((row) => row.table))], [1]);
});
