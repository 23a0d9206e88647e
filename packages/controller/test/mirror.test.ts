// Mirrors in the controller: minted, kept through restarts, counted once, and no part of any decision.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createMemoryStore } from "@slipway/controller";
import { emptyMirrorRow, type MirrorRow, record } from "@slipway/core";
import { FakeWorld, MODEL } from "./fake-world.ts";

const ORDER = { to: "gpt-5.3", share: 0.1, copies: 4, by: "ann", reason: "new weights" };

async function mirroring(): Promise<FakeWorld> {
  const world = await new FakeWorld({ store: createMemoryStore("store-1") }).open();
  await world.controller.startMirror(MODEL, ORDER);
  return world;
}

function rowOf(mirrorId: string, requests: number): MirrorRow {
  const row = emptyMirrorRow(mirrorId);
  row.requests = requests;
  row.ineligible = { api: 1 };
  row.sampled = 2;
  row.sent = 8;
  row.dropped = { busy: 3 };
  row.shadow.outcomes = { ok: 7, server_error: 1 };
  row.primary.outcomes = { ok: 2 };
  record(row.shadow.latency.total, 500);
  return row;
}

test("a started mirror is in the table that gateways follow, and a stopped one is not", async () => {
  const world = await mirroring();
  const { mirror } = world.controller.table().routes[0] ?? {};
  assert.equal(mirror?.to.id, "gpt-5.3");
  assert.deepEqual([mirror?.share, mirror?.copies, mirror?.inFlightMax], [0.1, 4, 16]);
  const stopped = await world.controller.stopMirror(MODEL, { by: "bob", reason: "enough" });
  assert.equal(stopped.stopped?.by, "bob");
  assert.equal(world.controller.table().routes[0]?.mirror, null);
});

test("it ends by itself where it was started for a time, also across a restart", async () => {
  const world = await new FakeWorld({ store: createMemoryStore("store-1") }).open();
  await world.controller.startMirror(MODEL, { ...ORDER, forMs: 60_000 });
  await world.seconds(58);
  assert.equal(world.controller.mirror(MODEL).stopped, null);
  await world.restart();
  await world.seconds(3);
  assert.equal(world.controller.mirror(MODEL).stopped?.reason, "its time was over");
  assert.equal(world.controller.table().routes[0]?.mirror, null);
});

test("it goes on after a restart, with what was seen", async () => {
  const world = await mirroring();
  const { id } = world.controller.mirror(MODEL);
  world.gateways[0]?.mirrored.push(rowOf(id, 10));
  await world.second();
  await world.restart();
  assert.equal(world.controller.table().routes[0]?.mirror?.id, id);
  const { coverage, shadow, primary } = world.controller.mirror(MODEL);
  assert.deepEqual(coverage, {
    requests: 10,
    eligible: 9,
    ineligible: { api: 1 },
    sampled: 2,
    sent: 8,
    dropped: { busy: 3 },
  });
  assert.deepEqual([shadow.judged, shadow.bad, primary.judged], [8, 1, 2]);
  assert.ok(Math.abs((shadow.p50Ms ?? 0) - 500) < 10);
});

test("a frame that comes twice is counted once", async () => {
  const world = await mirroring();
  const { id } = world.controller.mirror(MODEL);
  const [gateway] = world.gateways;
  assert.ok(gateway);
  gateway.mirrored.push(rowOf(id, 10));
  gateway.losesAcks = true;
  await world.seconds(2);
  gateway.losesAcks = false;
  await world.seconds(2);
  assert.equal(world.controller.mirror(MODEL).coverage.requests, 10);
});

test("what a shadow does moves no rollout", async () => {
  const world = await mirroring();
  await world.start();
  const { id } = world.controller.mirror(MODEL);
  for (let i = 0; i < 6; i++) {
    const row = rowOf(id, 100);
    row.shadow.outcomes = { server_error: 100 };
    world.gateways[0]?.mirrored.push(row);
    await world.second();
  }
  assert.ok(["stage", "bake", "completed"].includes((await world.view()).phase.kind));
});

test("what cannot be mirrored is refused with a reason", async () => {
  const world = await mirroring();
  const again = world.controller.startMirror(MODEL, ORDER);
  await assert.rejects(again, { code: "mirror_under_way" });
  await world.controller.stopMirror(MODEL, { by: "bob", reason: "" });
  const unknown = world.controller.startMirror(MODEL, { ...ORDER, to: "gpt-9" });
  await assert.rejects(unknown, { code: "unknown_version" });
  await assert.rejects(world.controller.stopMirror(MODEL, { by: "bob", reason: "" }), {
    code: "no_mirror",
  });
  await assert.rejects(world.controller.startMirror("none", ORDER), { code: "unknown_model" });
});
