// Frames that arrive together: one commit, in which each row is written once, and which may fail as a whole.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Change, createMemoryStore, type Store } from "@slipway/controller";
import type { EvidenceRow } from "@slipway/core";
import type { Acknowledgement } from "@slipway/wire";
import { GOOD, madeRow } from "./fake-gateway.ts";
import { FakeWorld, type WorldOptions } from "./fake-world.ts";

/** A store whose commits with rows are kept, and fail while it is `away`. */
function watchedStore(): { readonly store: Store; readonly commits: Change[][]; away: boolean } {
  const commits: Change[][] = [];
  const store = createMemoryStore("s1", {
    beforeCommit: (changes) => {
      const rows = changes.filter(({ kind }) => kind === "put-row");
      if (rows.length === 0) return;
      if (watched.away) throw new Error("the disk is away");
      commits.push(rows);
    },
  });
  const watched = { store, commits, away: false };
  return watched;
}

type Sending = {
  readonly world: FakeWorld;
  /** Ten requests of stable in the second that has begun. */
  readonly rows: readonly EvidenceRow[];
  /** One frame of each worker, all with these rows. */
  readonly sendAll: (sequence: number) => readonly Promise<Acknowledgement>[];
  readonly arrivals: () => Promise<number>;
};

async function sending(workers: number, options: WorldOptions): Promise<Sending> {
  const world = await new FakeWorld({ gateways: [], ...options }).open();
  await world.start();
  const { storeId, number: table } = world.controller.table();
  const { rolloutId } = world;
  const key = { rolloutId, table, arm: "stable", via: "split", segment: "all" } as const;
  const rows = [madeRow(key, Math.floor(world.clock.wall() / 1000), 10, GOOD)];
  const asOfMs = world.clock.wall() + 60_000;
  const frame = (worker: number, sequence: number) => ({
    member: { incarnation: `worker-${worker}`, gateway: "edge-9", worker },
    ...{ sequence, asOfMs, confirmedTable: table, storeId, rows },
    ...{ candidateInFlight: {}, candidateEndedAtMs: {}, diverted: [], tripped: [], mirrored: [] },
    ...{ rowsDropped: 0, goodbye: false },
  });
  return {
    world,
    rows,
    sendAll: (sequence) =>
      Array.from({ length: workers }, (_, worker) =>
        world.controller.acceptFrame(frame(worker, sequence)),
      ),
    arrivals: async () => {
      await world.seconds(40);
      return (await world.view()).totals.stable.arrivals;
    },
  };
}

test("what frames that arrive together say of one row is written once, and all of it counts", async () => {
  const { store, commits } = watchedStore();
  const { sendAll, arrivals } = await sending(20, { store });
  await Promise.all(sendAll(1));
  await Promise.all(sendAll(2));
  assert.deepEqual(
    commits.map((rows) => rows.length),
    [1, 1],
  );
  assert.equal(await arrivals(), 400);
});

test("frames that are read while others wait to be gathered share their commit, and are acknowledged after it", async () => {
  const { store, commits } = watchedStore();
  const gathering: (() => void)[] = [];
  const gathered = (): Promise<void> =>
    new Promise((resolve) => {
      gathering.push(resolve);
    });
  const { sendAll, arrivals } = await sending(3, { store, gathered });
  const acknowledged: number[] = [];
  for (const sequence of [1, 2]) {
    for (const answer of sendAll(sequence)) {
      void answer.then(() => acknowledged.push(commits.length));
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.deepEqual([commits.length, acknowledged.length, gathering.length], [0, 0, 1]);
  gathering.pop()?.();
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(acknowledged, [1, 1, 1, 1, 1, 1]);
  assert.equal(await arrivals(), 60);
});

test("frames of a commit that failed are as they were, and count once when they come again", async () => {
  const watched = watchedStore();
  const { rows, sendAll, arrivals } = await sending(2, { store: watched.store });
  const asSent = JSON.stringify(rows);
  watched.away = true;
  assert.deepEqual(
    (await Promise.allSettled(sendAll(1))).map(({ status }) => status),
    ["rejected", "rejected"],
  );
  watched.away = false;
  assert.equal(JSON.stringify(rows), asSent);
  await Promise.all(sendAll(1));
  assert.equal(JSON.stringify(rows), asSent);
  assert.equal(await arrivals(), 20);
});
