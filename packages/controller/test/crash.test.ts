// kill -9 between any two commits: the rollout goes on in the same place, and every decision is made once.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createMemoryStore, type MemoryStoreHooks, type Store } from "@slipway/controller";
import { openSqliteStore } from "@slipway/controller/edge";
import { newDataDir } from "./data-dir.ts";
import { GOOD } from "./fake-gateway.ts";
import { FakeWorld } from "./fake-world.ts";

const SLOW = { ...GOOD, latencyMs: 900 };
const STORY = "started advance-0 confirmed advance-1 confirmed roll-back confirmed drained";

class Killed extends Error {}

type Killer = { commits: number; killAt: number; when: "before" | "after" };

function hooksOf(killer: Killer): MemoryStoreHooks {
  const killIf = (when: Killer["when"]): void => {
    if (killer.when === when && killer.commits === killer.killAt) throw new Killed();
  };
  return {
    beforeCommit: () => {
      killer.commits++;
      killIf("before");
    },
    afterCommit: () => killIf("after"),
  };
}

/** Wraps a store, so that SQLite is killed like memory is. */
function killable(store: Store, killer: Killer): Store {
  const hooks = hooksOf(killer);
  return {
    ...store,
    commit: async (fence, changes) => {
      await hooks.beforeCommit?.(changes);
      await store.commit(fence, changes);
      await hooks.afterCommit?.(changes);
    },
  };
}

/** One rollout that is rolled back from its second stage. Whatever fails in between, the controller is restarted. */
async function live(world: FakeWorld, reopened: () => Promise<void>): Promise<void> {
  const again = async (work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
    } catch {
      await reopened();
      await world.restart();
    }
  };
  await again(() => world.open());
  if (world.controller.models().length === 0) await world.open();
  await again(() => world.start());
  const [rollout] = await world.controller.rollouts(null);
  if (rollout === undefined) await world.start();
  else world.rolloutId = rollout.id;
  for (let second = 0; second < 20; second++) {
    await again(() => world.second(second < 9 ? GOOD : SLOW));
  }
}

async function toldWith(killer: Killer): Promise<FakeWorld> {
  const store = createMemoryStore("store-1", hooksOf(killer));
  const world = new FakeWorld({ store, gateways: ["edge-1", "edge-2"] });
  await live(world, () => Promise.resolve());
  return world;
}

const NEVER: Killer = { commits: 0, killAt: -1, when: "before" };

test("a controller that is killed before or after any commit decides the same, once", async () => {
  const calm: Killer = { ...NEVER };
  assert.equal(await (await toldWith(calm)).story(), STORY);
  assert.ok(calm.commits > 60, `only ${calm.commits} commits`);
  for (let killAt = 1; killAt <= calm.commits; killAt++) {
    for (const when of ["before", "after"] as const) {
      const world = await toldWith({ commits: 0, killAt, when });
      const where = `killed ${when} commit ${killAt}`;
      assert.equal(await world.story(), STORY, where);
      const verified = await world.controller.verify();
      assert.deepEqual(verified.problems, [], where);
      // Table numbers are published in order, and none twice, but for the newest at a restart.
      assert.deepEqual(
        world.published,
        [...world.published].sort((a, b) => a - b),
        where,
      );
    }
  }
});

test("nothing that gateways reported is lost or counted twice by a kill", async () => {
  const requests = async (world: FakeWorld): Promise<number> => {
    const { totals, lateRequests } = await world.view();
    return totals.stable.arrivals + totals.candidate.arrivals + lateRequests;
  };
  const calm: Killer = { ...NEVER };
  const expected = await requests(await toldWith(calm));
  for (let killAt = 8; killAt < calm.commits; killAt += 9) {
    const world = await toldWith({
      commits: 0,
      killAt,
      when: killAt % 2 === 0 ? "before" : "after",
    });
    // The fake gateways serve nothing in the rest of the second in which the controller dies.
    const lost = expected - (await requests(world));
    assert.ok(lost >= 0 && lost <= 800, `killed at commit ${killAt}: ${lost} requests differ`);
  }
});

test("the same from a SQLite file that is opened again", async () => {
  const total = 90;
  for (let killAt = 5; killAt < total; killAt += 14) {
    const dataDir = newDataDir();
    const killer: Killer = { commits: 0, killAt, when: killAt % 2 === 0 ? "before" : "after" };
    const opened = (): Store => openSqliteStore({ dataDir, newStoreId: "store-1" });
    let store = opened();
    // The world keeps one store; what is behind it is opened anew.
    const behind: Store = {
      open: () => store.open(),
      commit: (fence, changes) => store.commit(fence, changes),
      close: () => store.close(),
      rollouts: (model, limit) => store.rollouts(model, limit),
      rollout: (id) => store.rollout(id),
      entries: (id, above, limit) => store.entries(id, above, limit),
      ticks: (id, above, limit) => store.ticks(id, above, limit),
      checkpoint: (id) => store.checkpoint(id),
      remarks: (subject) => store.remarks(subject),
      latestRemarks: (subjectsMax) => store.latestRemarks(subjectsMax),
      notifications: (limit) => store.notifications(limit),
      notification: (number) => store.notification(number),
    };
    const world = new FakeWorld({ store: killable(behind, killer), gateways: ["edge-1"] });
    await live(world, async () => {
      await store.close();
      store = opened();
    });
    assert.equal(await world.story(), STORY, `killed at commit ${killAt}`);
    assert.deepEqual((await world.controller.verify()).problems, []);
    await store.close();
  }
});

test("a commit that fails leaves the controller in doubt, so it reads the store again and goes on", async () => {
  const killer: Killer = { ...NEVER, when: "after" };
  const world = await new FakeWorld({ store: createMemoryStore("s", hooksOf(killer)) }).open();
  killer.killAt = killer.commits + 1;
  await assert.rejects(world.start(), { code: "store_unavailable" });
  // It had been stored: the next turn knows.
  await assert.rejects(world.start(), { code: "rollout_under_way" });
  await world.seconds(2);
  assert.equal(world.controller.models()[0]?.rollout !== null, true);
});

test("a controller whose store was taken over by another does nothing any more", async () => {
  const store = createMemoryStore("store-1");
  const world = await new FakeWorld({ store }).open();
  const old = world.controller;
  const gateway = world.gateways[0];
  assert.ok(gateway);
  await world.restart();
  await assert.rejects(old.acceptFrame(gateway.frame()), { code: "deposed" });
  await assert.rejects(old.tick(), { code: "deposed" });
  await world.second();
});

test("a controller in doubt does not take the store back from the one that took it over", async () => {
  const disk = { isFull: false };
  const beforeCommit = (): void => {
    if (disk.isFull) throw new Error("no space left");
  };
  const store = createMemoryStore("store-1", { beforeCommit });
  const world = await new FakeWorld({ store }).open();
  const old = world.controller;
  const gateway = world.gateways[0];
  assert.ok(gateway);
  disk.isFull = true;
  await assert.rejects(old.acceptFrame(gateway.frame()), { code: "store_unavailable" });
  disk.isFull = false;
  await world.restart();
  await assert.rejects(old.acceptFrame(gateway.frame()), { code: "deposed" });
  await world.second();
});
