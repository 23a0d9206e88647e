// A worker that leaves a plainly broken candidate by itself.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Route, SLOTS, type TripReport } from "@slipway/core";
import { routeOf, splitOf, tableOf } from "./fixtures.ts";
import { chat, World } from "./virtual-world.ts";

/** Everybody is on the candidate. */
const ALL = routeOf({ split: splitOf(SLOTS), trip: { enabled: true, failures: 5 } });

function worldOf(fields: Partial<Route> = {}): World {
  return World.leased(tableOf(1, { ...ALL, ...fields }));
}

/** One request of another user; the candidate fails it, and stable answers it as told. */
function failed(
  world: World,
  user: string,
  stable: "answers" | "fails" | "hangs" = "answers",
): void {
  world.ask(chat(user));
  assert.equal(world.lastHost, "candidate.test");
  world.lastCall.answer(500);
  assert.equal(world.lastHost, "stable.test");
  if (stable === "hangs") return;
  world.lastCall.answer(stable === "fails" ? 500 : 200, stable === "fails" ? "x" : WHOLE);
}

const WHOLE = JSON.stringify({ object: "chat.completion", choices: [{ finish_reason: "stop" }] });

function goesTo(world: World, user: string): string {
  world.ask(chat(user));
  return world.lastHost;
}

function reportsOf(world: World): readonly TripReport[] {
  return world.link.frames.at(-1)?.frame.tripped ?? [];
}

test("a candidate that fails request after request is left, and the controller is told at once", () => {
  const world = worldOf();
  for (let user = 1; user <= 5; user++) failed(world, `user-${user}`);
  assert.equal(goesTo(world, "user-6"), "stable.test");
  assert.deepEqual(reportsOf(world), [
    {
      rolloutId: "r1",
      table: 1,
      limit: 5,
      failures: 5,
      successes: 0,
      outcomes: { server_error: 5 },
      stable: { failures: 0, successes: 4 },
    },
  ]);
  assert.deepEqual(world.gateway.snapshot().tripped, ["r1"]);
});

test("it stays left, and is told in every frame, until a table without the rollout comes", () => {
  const world = worldOf();
  for (let user = 1; user <= 5; user++) failed(world, `user-${user}`);
  world.pass(5_000);
  assert.equal(reportsOf(world).length, 1);
  assert.equal(goesTo(world, "user-6"), "stable.test");
  world.link.publish(tableOf(2, { ...ALL, split: splitOf(SLOTS / 2) }));
  assert.equal(goesTo(world, "user-6"), "stable.test");
  world.link.publish(tableOf(3, { ...ALL, split: { ...splitOf(SLOTS), rolloutId: "r2" } }));
  world.pass(2_000);
  assert.deepEqual(reportsOf(world), []);
  assert.equal(goesTo(world, "user-6"), "candidate.test");
});

test("requests that are kept from a candidate that was left are evidence of neither arm", () => {
  const world = worldOf();
  for (let user = 1; user <= 5; user++) failed(world, `user-${user}`);
  goesTo(world, "user-6");
  world.pass(2_000);
  assert.equal(
    world.rows.reduce((sum, row) => sum + row.arrivals, 0),
    5,
  );
});

test("without any controller it leaves the candidate all the same", () => {
  const world = worldOf();
  world.leaseMs = null;
  for (let user = 1; user <= 5; user++) failed(world, `user-${user}`);
  world.pass(3_000);
  assert.equal(goesTo(world, "user-6"), "stable.test");
});

test("while stable fails too the candidate keeps its users", () => {
  const world = worldOf();
  for (let user = 1; user <= 8; user++) failed(world, `user-${user}`, "fails");
  assert.equal(goesTo(world, "user-9"), "candidate.test");
});

test("where stable's answer is still open, that answer is waited for", () => {
  const world = worldOf();
  for (let user = 1; user <= 6; user++) failed(world, `user-${user}`, "hangs");
  const replayed = world.lastCall;
  assert.equal(goesTo(world, "user-7"), "candidate.test");
  replayed.answer(200, WHOLE);
  assert.equal(goesTo(world, "user-8"), "stable.test");
});

test("rate limits of the candidate trip nothing", () => {
  const world = worldOf();
  for (let user = 1; user <= 9; user++) {
    world.ask(chat(`user-${user}`));
    world.lastCall.answer(429);
    world.lastCall.answer(200, WHOLE);
  }
  assert.equal(goesTo(world, "user-10"), "candidate.test");
});

test("a 4xx trips where stable then answers, and not where it says the same", () => {
  for (const [status, host] of [
    [200, "stable.test"],
    [400, "candidate.test"],
  ] as const) {
    const world = worldOf();
    for (let user = 1; user <= 6; user++) {
      world.ask(chat(`user-${user}`));
      world.lastCall.answer(400);
      world.lastCall.answer(status, WHOLE);
    }
    assert.equal(goesTo(world, "user-7"), host);
  }
});

test("answers in between keep the candidate", () => {
  const world = worldOf();
  for (let user = 1; user <= 15; user++) {
    failed(world, `user-${user}`);
    world.ask(chat(`other-${user}`));
    world.lastCall.answer(200, WHOLE);
  }
  assert.equal(goesTo(world, "user-16"), "candidate.test");
});

test("one user's failures do not trip, however many", () => {
  const world = worldOf();
  for (let i = 0; i < 9; i++) failed(world, "user-1");
  assert.equal(goesTo(world, "user-2"), "candidate.test");
});

test("a policy may switch it off", () => {
  const world = worldOf({ trip: { enabled: false, failures: 5 } });
  for (let user = 1; user <= 9; user++) failed(world, `user-${user}`);
  assert.equal(goesTo(world, "user-10"), "candidate.test");
});

test("the other workers of the gateway follow, and report nothing of their own", () => {
  const world = worldOf();
  world.gateway.followTrip("gpt-5", "another rollout");
  assert.equal(goesTo(world, "user-1"), "candidate.test");
  world.gateway.followTrip("gpt-5", "r1");
  assert.equal(goesTo(world, "user-2"), "stable.test");
  world.pass(2_000);
  assert.deepEqual(reportsOf(world), []);
});
