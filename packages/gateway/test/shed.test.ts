// While stable may not take everybody: background requests get what nobody else needs, and are refused at once otherwise.
import assert from "node:assert/strict";
import { test } from "node:test";
import { routeOf, tableOf, upstreamOf, versionOf } from "./fixtures.ts";
import { chat, type FakeExchange, World } from "./virtual-world.ts";

const SLOTS = 4;
const BUSY = versionOf("v1", upstreamOf({ url: "http://stable.test/v1", inFlightMax: SLOTS }));

function worldOf(shed: { readonly shed?: true }): World {
  return World.leased(tableOf(1, routeOf({ stable: BUSY, ...shed })));
}

const batch = (user: string): FakeExchange => chat(user, { stream: false, service_tier: "flex" });

test("a background request is served from spare slots, and refused at once where there are none", () => {
  const world = worldOf({ shed: true });
  world.ask(batch("ann"));
  assert.equal(world.calls.length, 1, "half of the slots are free");
  for (const user of ["bob", "cid"]) world.ask(chat(user, { stream: false }));
  const refused = world.ask(batch("dan"));
  assert.equal(refused.status, 429);
  assert.equal(world.calls.length, 3);
  world.ask(chat("eve", { stream: false }));
  assert.equal(world.calls.length, 4, "whoever waits for an answer still gets a slot");
});

test("with nothing shed it waits for its turn as ever", () => {
  const world = worldOf({});
  for (let user = 0; user < SLOTS; user++) world.ask(chat(`user-${user}`, { stream: false }));
  const waiting = world.ask(batch("ann"));
  assert.equal(waiting.status, 0, "it waits");
  for (const call of world.calls.slice(0, 2)) call.answer();
  assert.equal(world.calls.length, SLOTS + 1);
});
