// A worker that left the candidate by itself has the rollout rolled back, and the journal says why.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { TripReport } from "@slipway/core";
import { FakeWorld } from "./fake-world.ts";

function reportOf(rolloutId: string): TripReport {
  return {
    rolloutId,
    table: 3,
    limit: 10,
    failures: 11,
    successes: 1,
    outcomes: { server_error: 9, connect: 2 },
    stable: { failures: 0, successes: 40 },
  };
}

/** A rollout in its first stage, and the trip that its gateway is about to report. */
async function tripping(): Promise<FakeWorld> {
  const world = await new FakeWorld().open();
  await world.start();
  await world.seconds(2);
  assert.equal((await world.view()).phase.kind, "stage");
  for (const gateway of world.gateways) gateway.tripped = [reportOf(world.rolloutId)];
  return world;
}

test("a trip rolls the rollout back in the next turn, with its numbers as the reason", async () => {
  const world = await tripping();
  await world.seconds(3);
  assert.equal((await world.view()).phase.kind, "rolled-back");
  const events = await world.events();
  const tripped = events.filter(({ type }) => type === "tripped");
  assert.equal(tripped.length, 1);
  const moved = events.findLast((event) => event.type === "moved");
  assert.ok(moved?.type === "moved");
  assert.deepEqual(moved.move, { kind: "roll-back" });
  assert.deepEqual(moved.cause, {
    kind: "evidence",
    because: {
      code: "tripped",
      text: "edge-1/0 tripped: 11 of the candidate's last 12 requests there failed hard (connect 2, server_error 9), while stable failed 0 of 40 in that time",
      measured: 11,
      limit: 10,
    },
  });
  const { ok, problems } = await world.controller.verify();
  assert.deepEqual([ok, problems], [true, []]);
});

test("a controller that was killed between the trip and the rollback goes on with the rollback", async () => {
  const world = await tripping();
  await Promise.all(world.gateways.map((gateway) => gateway.report(world.controller)));
  await world.restart();
  await world.seconds(3);
  assert.equal((await world.view()).phase.kind, "rolled-back");
  assert.equal((await world.controller.verify()).ok, true);
});

test("a trip of a finished rollout, or of none, changes nothing", async () => {
  const world = await tripping();
  await world.seconds(3);
  const before = (await world.events()).length;
  for (const gateway of world.gateways) {
    gateway.tripped = [reportOf(world.rolloutId), reportOf("another")];
  }
  await world.seconds(3);
  assert.equal((await world.events()).length, before);
});
