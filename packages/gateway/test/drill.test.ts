// The fault of a drill: it strikes requests that carry it, at the candidate of a stand-in, and nobody else.

import assert from "node:assert/strict";
import { test } from "node:test";
import { DRILL_FAULT_HEADER, type DrillFault, type Route, SLOTS } from "@slipway/core";
import { routeOf, splitOf, tableOf } from "./fixtures.ts";
import { FakeExchange, World } from "./virtual-world.ts";

function asked(
  fields: Partial<Route>,
  fault: boolean,
  kind: DrillFault = "connect",
): readonly [World, FakeExchange] {
  const world = World.leased(tableOf(1, routeOf(fields)));
  const headers = ["x-user", "ann", ...(fault ? [DRILL_FAULT_HEADER, kind] : [])];
  const exchange = new FakeExchange({ model: "gpt-5", messages: [] }, headers);
  world.ask(exchange);
  return [world, exchange];
}

const hosts = (world: World): readonly string[] =>
  world.calls.map(({ request }) => new URL(request.baseUrl).hostname);

test("a request with the fault fails at the stand-in's candidate without a call, and stable answers it", () => {
  const [world, exchange] = asked({ drill: true, split: splitOf(SLOTS) }, true);
  assert.deepEqual(hosts(world), ["stable.test"]);
  world.lastCall.answer();
  assert.equal(exchange.status, 200);
  world.pass(2_000);
  assert.deepEqual(
    world.rows.map(({ arm, outcomes }) => [arm, outcomes]),
    [["candidate", { connect: 1 }]],
  );
});

test("a drill with errors has the candidate answer 503, which nobody holds against its servers", () => {
  const [world, exchange] = asked({ drill: true, split: splitOf(SLOTS) }, true, "errors");
  assert.deepEqual(hosts(world), ["stable.test"]);
  world.lastCall.answer();
  assert.equal(exchange.status, 200);
  world.pass(2_000);
  assert.deepEqual(
    world.rows.map(({ arm, outcomes }) => [arm, outcomes]),
    [["candidate", { server_error: 1 }]],
  );
});

test("a drill with hanging has nobody answer, until the request is judged at its horizon", () => {
  const [world, exchange] = asked(
    { drill: true, split: splitOf(SLOTS), deadlineMs: 600_000 },
    true,
    "hang",
  );
  assert.deepEqual(hosts(world), []);
  world.pass(61_000);
  assert.deepEqual(hosts(world), []);
  assert.equal(exchange.status, 0);
  assert.deepEqual(
    world.rows.map(({ outcomes }) => outcomes).filter(({ overdue }) => overdue !== undefined),
    [{ overdue: 1 }],
  );
});

test("it strikes neither stable, nor requests without it, nor a model that has users", () => {
  const spared: readonly (readonly [route: Partial<Route>, fault: boolean, host: string])[] = [
    [{ drill: true, split: splitOf(0) }, true, "stable.test"],
    [{ drill: true, split: splitOf(SLOTS) }, false, "candidate.test"],
    [{ split: splitOf(SLOTS) }, true, "candidate.test"],
  ];
  for (const [route, fault, host] of spared) {
    const [world] = asked(route, fault);
    assert.deepEqual(hosts(world), [host]);
  }
});

test("a stand-in is nobody's model: it is not listed, and a request that names none goes where it always went", () => {
  const standIn = routeOf({ model: "gpt-5:drill", drill: true, split: splitOf(SLOTS) });
  const world = World.leased(tableOf(1, routeOf(), standIn));
  const list = new FakeExchange("", [], "/v1/models");
  Object.assign(list, { method: "GET" });
  const models = JSON.parse(world.ask(list).received).data.map(({ id }: { id: string }) => id);
  assert.deepEqual(models, ["gpt-5"]);
  world.ask(new FakeExchange("", [], "/v1/files"));
  assert.deepEqual(hosts(world), ["stable.test"]);
});
