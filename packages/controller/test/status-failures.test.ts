// The status page where things fail: journals that cannot be read, a controller that was away, one that lost the lead.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { createMemoryStore, readingsOf, type Store } from "@slipway/controller";
import { sha256 } from "./fake-world.ts";
import { MINUTE_MS, SLOW, Story } from "./status-story.ts";

/** A store whose journals cannot be read once `isBroken`. */
class BrokenStore {
  isBroken = false;
  readings = 0;
  readonly store: Store;

  constructor() {
    const store = createMemoryStore("store-1");
    this.store = {
      ...store,
      rollouts: async (model, limit) => {
        this.readings++;
        if (this.isBroken) throw new Error("the disk is gone");
        return await store.rollouts(model, limit);
      },
    };
  }
}

test("where incidents cannot be read, what a person posted is published all the same", async () => {
  const broken = new BrokenStore();
  const story = await new Story({ store: broken.store }).rolledBack();
  const incident = await story.incident();
  const act = { type: "post" as const, text: "We know, and are on it." };
  await story.world.controller.actOnIncident(incident, { by: "ann", reason: "", act });
  broken.isBroken = true;
  await assert.rejects(story.world.controller.communicate(), /the disk is gone/);
  assert.equal(story.shown().updates[0]?.text, "We know, and are on it.");
});

test("one journal that cannot be read keeps nobody from hearing of the others", async () => {
  const store = createMemoryStore("store-1");
  let unreadable = "";
  const story = new Story({
    store: {
      ...store,
      entries: async (id, above, limit) => {
        if (id === unreadable) throw new Error("a bad sector");
        return await store.entries(id, above, limit);
      },
    },
  });
  await story.rolledBack();
  const { world } = story;
  const broken = world.rolloutId;
  await world.start();
  await world.seconds(4);
  await world.seconds(10, SLOW);
  unreadable = broken;
  world.clock.advance(11 * MINUTE_MS);
  await assert.rejects(world.controller.communicate(), /1 rollout cannot be read; .*bad sector/);
  assert.match(story.shown().id, new RegExp(`^${world.rolloutId}-`));
  unreadable = "";
  await world.controller.communicate();
  assert.equal(story.page().incidents.length, 2);
});

test("what could not be read is not read again at every look", async () => {
  const broken = new BrokenStore();
  const story = await new Story({ store: broken.store }).rolledBack();
  broken.isBroken = true;
  broken.readings = 0;
  const cancel = story.world.controller.run(3_600_000);
  for (let second = 0; second < 30; second++) {
    story.world.clock.advance(1_000);
    for (let turn = 0; turn < 5; turn++) await setImmediate();
  }
  cancel();
  assert.ok(broken.readings >= 2 && broken.readings <= 4, String(broken.readings));
});

test("a round that a stop cuts off is no failure, and one that fails by itself is", async () => {
  for (const isStopped of [true, false]) {
    const errors: string[] = [];
    const error = (_: unknown, message: string): void => void errors.push(message);
    const log = { info: () => {}, warn: () => {}, error };
    const reading = Promise.withResolvers<never>();
    const store = { ...createMemoryStore("store-1"), latestRemarks: () => reading.promise };
    const { world } = new Story({ log, store });
    await world.open();
    const stop = world.controller.run(3_600_000);
    world.clock.advance(1);
    for (let turn = 0; turn < 5; turn++) await setImmediate();
    if (isStopped) stop();
    reading.reject(new Error("the store is closed"));
    for (let turn = 0; turn < 5; turn++) await setImmediate();
    stop();
    assert.equal(errors.length, isStopped ? 0 : 1, errors.join());
  }
});

test("what an earlier controller posted is closed by the next, however long nobody was there", async () => {
  const story = await new Story().rolledBack();
  await story.wait(11 * MINUTE_MS);
  assert.equal(story.shown().status, "monitoring");
  story.world.clock.advance(3 * 24 * 60 * MINUTE_MS);
  await story.world.restart();
  await story.world.controller.communicate();
  assert.equal(story.shown().status, "resolved");
});

test("an incident that is going on is found behind however many newer rollouts", async () => {
  const story = await new Story().rolledBack();
  const { id } = await story.incident();
  const busy: Store = { ...story.world.store, rollouts: () => Promise.resolve([]) };
  const ask = { sinceMs: story.world.clock.wall(), ids: [id] };
  const { incidents } = await readingsOf(busy, sha256).recentIncidents(ask);
  assert.deepEqual(
    incidents.map((one) => one.id),
    [id],
  );
});

test("a controller that another has replaced stops stamping the page as fresh, though it has nothing to commit", async () => {
  const story = await new Story().rolledBack();
  const deposed = story.world.controller;
  await deposed.communicate();
  await story.world.restart();
  const { length } = story.published;
  await assert.rejects(deposed.communicate(), { code: "deposed" });
  assert.equal(story.published.length, length);
  await story.world.controller.communicate();
  assert.equal(story.published.length, length + 1);
});

test("a controller that knows it has lost the lead writes nobody's page over", async () => {
  const story = await new Story().rolledBack();
  const deposed = story.world.controller;
  await story.world.restart();
  const from = story.world.clock.wall() + MINUTE_MS;
  const maintenance = { title: "Disks", text: "", components: [], by: "ann" };
  await assert.rejects(
    deposed.announceMaintenance({ ...maintenance, fromMs: from, untilMs: from + MINUTE_MS }),
    { code: "deposed" },
  );
  const before = story.published.length;
  await assert.rejects(deposed.communicate(), { code: "deposed" });
  assert.equal(story.published.length, before);
});
