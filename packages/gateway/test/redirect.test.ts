// An upstream that answers with a redirect: it is neither followed nor passed on.

import assert from "node:assert/strict";
import { test } from "node:test";
import { SLOTS } from "@slipway/core";
import { routeOf, splitOf, tableOf } from "./fixtures.ts";
import { chat, FakeExchange, World } from "./virtual-world.ts";

const ELSEWHERE = ["Location", "https://elsewhere.test/v1"];

test("a redirect of stable becomes an error of Slipway's own, without its location", () => {
  for (const status of [300, 301, 302, 303, 307, 308, 399]) {
    for (const headers of [ELSEWHERE, []]) {
      const world = World.leased(tableOf(1, routeOf()));
      const exchange = world.ask(chat("ann"));
      world.lastCall.answer(status, "moved", headers);
      assert.equal(exchange.status, 502);
      assert.equal(JSON.parse(exchange.received).error.code, "upstream_redirect");
      assert.equal(exchange.header("location"), null);
      assert.equal(world.calls.length, 1);
      assert.ok(world.lastCall.isAborted);
      assert.deepEqual(
        world.observations.map(({ outcome }) => outcome),
        ["invalid"],
      );
    }
  }
});

test("a redirect of the candidate is replayed to stable, and counts against the candidate", () => {
  const world = World.leased(tableOf(1, routeOf({ split: splitOf(SLOTS) })));
  const exchange = world.ask(chat("ann"));
  world.lastCall.answer(302, "", ELSEWHERE);
  assert.equal(world.lastHost, "stable.test");
  world.lastCall.answer();
  assert.equal(exchange.status, 200);
  assert.deepEqual(
    world.observations.map(({ outcome, replayed }) => [outcome, replayed]),
    [["ok", "invalid"]],
  );
});

test("304 leads nowhere, and is passed on", () => {
  const world = World.leased(tableOf(1, routeOf()));
  const exchange = world.ask(new FakeExchange("", ["If-None-Match", '"a"'], "/v1/files/f1"));
  world.lastCall.answer(304, "", ["ETag", '"a"']);
  assert.equal(exchange.status, 304);
  assert.equal(exchange.header("etag"), '"a"');
});
