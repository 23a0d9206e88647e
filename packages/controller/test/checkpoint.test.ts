// Checkpoints: a rollout that has gone on for long opens from the last one, as it was, and verifies all the same.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createMemoryStore, type Store } from "@slipway/controller";
import { openSqliteStore } from "@slipway/controller/edge";
import { newDataDir } from "./data-dir.ts";
import { GOOD } from "./fake-gateway.ts";
import { FakeWorld } from "./fake-world.ts";

const NONE = { ...GOOD, requests: 0 };
type Reading = { ticksRead: number; spoil: (text: string) => string };

function watched(store: Store, reading: Reading): Store {
  return {
    ...store,
    ticks: async (id, above, limit) => {
      const page = await store.ticks(id, above, limit);
      reading.ticksRead += page.length;
      return page;
    },
    checkpoint: async (id) => {
      const stored = await store.checkpoint(id);
      return stored === null ? null : { ...stored, text: reading.spoil(stored.text) };
    },
  };
}

/** A rollout that has stood in its stage for twenty minutes. */
async function longWorld(store: Store): Promise<{ world: FakeWorld; reading: Reading }> {
  const reading: Reading = { ticksRead: 0, spoil: (text) => text };
  const stages = [{ percent: 25, holdMs: 3_600_000, minRequests: 1_000_000 }];
  const world = new FakeWorld({ store: watched(store, reading), policy: { stages } });
  await world.open();
  await world.start();
  await world.seconds(3);
  world.clock.advance(1_200_000);
  for (let turn = 0; turn < 8; turn++) await world.second(NONE);
  await world.seconds(3);
  return { world, reading };
}

const STORES: Record<string, () => Store> = {
  memory: () => createMemoryStore("store-1"),
  sqlite: () => openSqliteStore({ dataDir: newDataDir(), newStoreId: "store-1" }),
};

for (const [name, create] of Object.entries(STORES)) {
  test(`${name}: opening reads the ticks since the last checkpoint, and comes to the same state`, async () => {
    const { world, reading } = await longWorld(create());
    const before = await world.view();
    reading.ticksRead = 0;
    await world.restart();
    assert.ok(reading.ticksRead <= 500, `${reading.ticksRead} ticks read`);
    assert.deepEqual(await world.view(), before);
    await world.seconds(3);
    assert.deepEqual((await world.controller.verify()).problems, []);
    await world.store.close();
  });
}

test("a checkpoint that cannot be used is as good as none", async () => {
  const { world, reading } = await longWorld(createMemoryStore("store-1"));
  const before = await world.view();
  for (const spoil of [() => "{", (text: string) => text.replace(/"format":\d+/, '"format":0')]) {
    reading.spoil = spoil;
    reading.ticksRead = 0;
    await world.restart();
    assert.ok(reading.ticksRead > 1_000);
    assert.deepEqual(await world.view(), before);
  }
});

test("a checkpoint that was changed is found when everything is made again", async () => {
  const { world, reading } = await longWorld(createMemoryStore("store-1"));
  reading.spoil = (text) => text.replace(/"arrivals":\d+/, '"arrivals":7');
  const { problems } = await world.controller.verify();
  assert.match(
    problems.map(({ problem }) => problem).join(),
    /the checkpoint of tick \d+ is not what the ticks up to it give/,
  );
});
