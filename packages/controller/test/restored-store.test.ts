// A store that was put back to an earlier state: gateways know tables and acknowledgements that it does not.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Tick } from "@slipway/core";
import type { Acknowledgement } from "@slipway/wire";
import type { FakeGateway } from "./fake-gateway.ts";
import { FakeWorld } from "./fake-world.ts";

const ACK: Acknowledgement = {
  sequence: 0,
  leaseMs: 0,
  nowMs: 0,
  storeId: "store-1",
  table: 0,
  members: 1,
  rank: 0,
};

/** Gateways but the first follow a table that was minted after the backup, with the candidate in it. */
async function restoredWorld(
  gateways: readonly string[],
): Promise<{ world: FakeWorld; strays: readonly FakeGateway[]; errors: string[] }> {
  const errors: string[] = [];
  const log = {
    info: () => {},
    warn: () => {},
    error: (_: unknown, text: string) => errors.push(text),
  };
  const world = await new FakeWorld({ gateways, log }).open();
  await world.start();
  await world.seconds(3);
  const strays = world.gateways.slice(1);
  for (const stray of strays) {
    const { table } = stray;
    assert.ok(table !== null && (table.routes[0]?.split?.candidateSlots ?? 0) > 0);
    stray.table = { ...table, number: table.number + 5 };
  }
  return { world, strays, errors };
}

test("a rollback is not confirmed by who follows a table that this store never made", async () => {
  const { world, strays } = await restoredWorld(["edge-1", "edge-2", "edge-3"]);
  for (const stray of strays) stray.isDeaf = true;
  await world.command("rollback");
  await world.seconds(2);
  assert.equal((await world.view()).phase.kind, "rolling-back");
  await world.seconds(6);
  const { phase } = await world.view();
  assert.ok(phase.kind === "rolled-back");
  assert.deepEqual(phase.expired, ["edge-2/0", "edge-3/0"]);
  assert.deepEqual(
    strays.map(({ isLeased }) => isLeased),
    [false, false],
  );
});

test("a higher number brings those back who follow a table that this store never made", async () => {
  const { world, strays, errors } = await restoredWorld(["edge-1", "edge-2", "edge-3"]);
  await world.command("rollback");
  await world.seconds(3);
  const { phase } = await world.view();
  assert.ok(phase.kind === "rolled-back");
  assert.deepEqual(phase.expired, []);
  for (const { table, isLeased } of strays) {
    assert.equal(table?.number, world.controller.table().number);
    assert.equal(isLeased, true);
  }
  assert.equal(errors.length, 1);
  assert.match(errors[0] ?? "", /a table that this store never made/);
});

async function missingIn(world: FakeWorld): Promise<readonly (readonly string[])[]> {
  const ticks = await world.store.ticks(world.rolloutId, -1, 1_000);
  return ticks.map(({ text }) => (JSON.parse(text) as Tick).missing);
}

test("frames that an earlier state of the store acknowledged are missing in their ticks", async () => {
  const world = await new FakeWorld({ gateways: ["edge-1", "edge-2"] }).open();
  await world.start();
  await world.seconds(4);
  const [, ahead] = world.gateways;
  assert.ok(ahead);
  assert.ok((await missingIn(world)).every((names) => names.length === 0));
  // Three frames went into what was put back.
  for (let i = 0; i < 3; i++) ahead.acknowledged({ ...ACK, sequence: ahead.frame().sequence }, 0);
  await world.seconds(3);
  const member = world.controller.members().find(({ gateway }) => gateway === "edge-2");
  assert.equal(member?.state, "leased");
  const missing = (await missingIn(world)).slice(4);
  assert.deepEqual(missing[0], ["edge-2/0"]);
  assert.deepEqual(missing.at(-1), []);
});

test("a tick of which a gateway has dropped rows passes no guard", async () => {
  const stages = [{ percent: 25, holdMs: 6_000, minRequests: 100 }];
  const world = await new FakeWorld({ gateways: ["edge-1", "edge-2"], policy: { stages } }).open();
  await world.start();
  await world.seconds(6);
  const [, full] = world.gateways;
  assert.ok(full);
  full.dropped = 3;
  await world.seconds(3);
  assert.equal(await world.story(), "started advance-0 confirmed");
  assert.match((await world.view()).decision.because.text, /but without edge-2\/0/);
  await world.seconds(8);
  assert.match(await world.story(), /bake/);
});
