// What every store must do, in the same words for each of them.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Change, Store } from "@slipway/controller";
import { SlipwayError } from "@slipway/wire";

export type StoreMaker = {
  readonly name: string;
  readonly create: () => Store;
  /** The same content again, as after a crash of whoever had it open. */
  readonly reopen: (store: Store) => Promise<Store>;
};

function entry(rolloutId: string, sequence: number): Change {
  return { kind: "append", rolloutId, sequence, text: `{"n":${sequence}}`, hash: `h${sequence}` };
}

function rollout(id: string, startedAtMs: number, open: boolean, model = "m"): Change {
  const view = open ? null : "{}";
  return { kind: "put-rollout", id, model, startedAtMs, open, lateRequests: 3, view };
}

function tick(rolloutId: string, number: number): Change {
  return {
    kind: "consume",
    rolloutId,
    tick: number,
    afterSequence: 1,
    consumedAtMs: 70_000,
    text: "{}",
    hash: "t",
  };
}

function remark(subject: string, sequence: number, atMs: number): Change {
  return { kind: "remark", subject, sequence, atMs, text: `{"n":${sequence}}`, hash: "h" };
}

function row(rolloutId: string, number: number, key: string): Change {
  return { kind: "put-row", rolloutId, tick: number, key, text: `"${key}"` };
}

function notification(number: number, isPending: boolean): Change {
  return { kind: "put-notification", number, isPending, text: `{"n":${number}}` };
}

async function refusedAs(code: string, work: Promise<unknown>): Promise<void> {
  await assert.rejects(work, (error) => error instanceof SlipwayError && error.code === code);
}

export function testStore(maker: StoreMaker): void {
  testDurability(maker);
  testOrder(maker);
  testContent(maker);
  testOutbox(maker);
}

async function storedIn({ create }: StoreMaker, changes: readonly Change[]): Promise<Store> {
  const store = create();
  const { fence } = await store.open();
  await store.commit(fence, changes);
  return store;
}

function testDurability(maker: StoreMaker): void {
  const { name, create, reopen } = maker;
  const stored = (...changes: readonly Change[]): Promise<Store> => storedIn(maker, changes);

  test(`${name}: what was committed is there after a crash`, async () => {
    const before = await stored(
      { kind: "put-model", name: "m", text: "{}" },
      { kind: "put-table", number: 1, text: '{"n":1}' },
      { kind: "put-freezes", text: "{}" },
      { kind: "put-freezes", text: '{"orders":[]}' },
      { kind: "put-preflights", model: "m", text: "[]" },
      { kind: "put-preflights", model: "m", text: "[1]" },
      { kind: "put-setting", name: "a", text: "1" },
      { kind: "put-setting", name: "a", text: "2" },
      { kind: "put-member", incarnation: "i1", text: "1" },
      rollout("r1", 10, true),
      entry("r1", 1),
      entry("r1", 2),
      row("r1", 7, "a"),
      tick("r1", 6),
    );
    const store = await reopen(before);
    const snapshot = await store.open();
    assert.deepEqual(snapshot.models, [{ name: "m", text: "{}" }]);
    assert.equal(snapshot.freezes, '{"orders":[]}');
    assert.deepEqual(snapshot.preflights, [{ model: "m", text: "[1]" }]);
    assert.deepEqual(snapshot.settings, [{ name: "a", text: "2" }]);
    assert.deepEqual(snapshot.table, { number: 1, text: '{"n":1}' });
    assert.deepEqual(snapshot.members, [{ incarnation: "i1", text: "1" }]);
    assert.deepEqual(snapshot.rows, [{ rolloutId: "r1", tick: 7, key: "a", text: '"a"' }]);
    assert.deepEqual(
      snapshot.openRollouts.map(({ id, lateRequests }) => [id, lateRequests]),
      [["r1", 3]],
    );
    assert.deepEqual(
      (await store.entries("r1", 0, 10)).map(({ sequence, text, hash }) => [sequence, text, hash]),
      [
        [1, '{"n":1}', "h1"],
        [2, '{"n":2}', "h2"],
      ],
    );
    assert.deepEqual(await store.ticks("r1", -1, 10), [
      {
        rolloutId: "r1",
        tick: 6,
        afterSequence: 1,
        consumedAtMs: 70_000,
        text: "{}",
        hash: "t",
      },
    ]);
    await store.close();
  });

  test(`${name}: it keeps its id, and opening again deposes whoever had it open`, async () => {
    const store = create();
    const first = await store.open();
    const second = await store.open();
    assert.equal(first.storeId, second.storeId);
    assert.ok(second.fence > first.fence);
    const change: Change = { kind: "put-member", incarnation: "i1", text: "1" };
    await refusedAs("deposed", store.commit(first.fence, [change]));
    await store.commit(second.fence, [change]);
    assert.equal((await store.open()).members.length, 1);
    await store.close();
  });
}

function testOrder(maker: StoreMaker): void {
  const { name } = maker;
  const stored = (...changes: readonly Change[]): Promise<Store> => storedIn(maker, changes);

  test(`${name}: an entry is appended by its expected sequence, and a refused commit changes nothing`, async () => {
    const store = await stored(entry("r1", 1));
    const { fence } = await store.open();
    const model: Change = { kind: "put-model", name: "m", text: "{}" };
    for (const sequence of [1, 3]) {
      await refusedAs("out_of_sequence", store.commit(fence, [model, entry("r1", sequence)]));
    }
    assert.deepEqual((await store.open()).models, []);
    assert.equal((await store.entries("r1", 0, 10)).length, 1);
    await store.close();
  });

  test(`${name}: a record is appended by its expected sequence, and of each subject by itself`, async () => {
    const store = await stored(remark("a", 1, 30), remark("b", 1, 10), remark("a", 2, 5));
    const { fence } = await store.open();
    for (const sequence of [2, 4]) {
      await refusedAs("out_of_sequence", store.commit(fence, [remark("a", sequence, 40)]));
    }
    await store.commit(fence, [remark("b", 2, 20), remark("c", 1, 15)]);
    const told = async (all: Promise<readonly { subject: string; sequence: number }[]>) =>
      (await all).map(({ subject, sequence }) => `${subject}${sequence}`);
    assert.deepEqual(await told(store.remarks("a")), ["a1", "a2"]);
    assert.deepEqual(await told(store.remarks("nobody")), []);
    // Those that were recorded of last.
    assert.deepEqual(await told(store.latestRemarks(2)), ["a1", "a2", "b1", "b2"]);
    await store.close();
  });

  test(`${name}: a tick is consumed once, in order, and takes its waiting rows with it`, async () => {
    const store = await stored(
      row("r1", 6, "a"),
      row("r1", 7, "a"),
      row("r2", 6, "a"),
      tick("r1", 6),
    );
    const { fence, rows } = await store.open();
    assert.deepEqual(
      rows.map((one) => [one.rolloutId, one.tick]),
      [
        ["r1", 7],
        ["r2", 6],
      ],
    );
    for (const number of [5, 6]) {
      await refusedAs("out_of_sequence", store.commit(fence, [tick("r1", number)]));
    }
    await store.commit(fence, [tick("r1", 7)]);
    assert.equal((await store.ticks("r1", 6, 10)).length, 1);
    await store.close();
  });

  test(`${name}: a table number never goes back`, async () => {
    const store = await stored({ kind: "put-table", number: 5, text: "5" });
    const { fence } = await store.open();
    for (const number of [4, 5]) {
      const change: Change = { kind: "put-table", number, text: "x" };
      await refusedAs("out_of_sequence", store.commit(fence, [change]));
    }
    assert.deepEqual((await store.open()).table, { number: 5, text: "5" });
    await store.close();
  });
}

function testContent(maker: StoreMaker): void {
  const { name } = maker;
  const stored = (...changes: readonly Change[]): Promise<Store> => storedIn(maker, changes);

  test(`${name}: puts replace, deletes delete`, async () => {
    const store = await stored(
      { kind: "put-model", name: "a", text: "1" },
      { kind: "put-model", name: "a", text: "2" },
      { kind: "put-model", name: "b", text: "1" },
      { kind: "delete-model", name: "b" },
      { kind: "put-member", incarnation: "i", text: "1" },
      { kind: "delete-member", incarnation: "i" },
      row("r1", 1, "a"),
      row("r1", 2, "a"),
      { kind: "put-row", rolloutId: "r1", tick: 2, key: "a", text: "new" },
      row("r2", 1, "a"),
      { kind: "drop-rows", rolloutId: "r2" },
      rollout("r1", 1, true),
      rollout("r1", 1, false),
    );
    const snapshot = await store.open();
    assert.deepEqual(snapshot.models, [{ name: "a", text: "2" }]);
    assert.deepEqual(snapshot.members, []);
    assert.deepEqual(
      snapshot.rows.map(({ text }) => text),
      ['"a"', "new"],
    );
    assert.deepEqual(snapshot.openRollouts, []);
    assert.equal((await store.rollout("r1"))?.view, "{}");
    assert.equal(await store.rollout("r9"), null);
    await store.close();
  });

  test(`${name}: rollouts are listed newest first, of one model or of all`, async () => {
    const store = await stored(
      rollout("r1", 10, false),
      rollout("r2", 20, true, "other"),
      rollout("r3", 30, true),
    );
    const ids = async (model: string | null, limit: number): Promise<readonly string[]> =>
      (await store.rollouts(model, limit)).map(({ id }) => id);
    assert.deepEqual(await ids(null, 10), ["r3", "r2", "r1"]);
    assert.deepEqual(await ids("m", 10), ["r3", "r1"]);
    assert.deepEqual(await ids(null, 2), ["r3", "r2"]);
    await store.close();
  });

  test(`${name}: journals and ticks are read page by page`, async () => {
    const numbers = [1, 2, 3, 4, 5];
    const store = await stored(
      ...numbers.map((n) => entry("r1", n)),
      ...numbers.map((n) => tick("r1", n)),
      entry("r2", 1),
    );
    const page = await store.entries("r1", 2, 2);
    assert.deepEqual(
      page.map(({ sequence }) => sequence),
      [3, 4],
    );
    assert.deepEqual(
      (await store.ticks("r1", 3, 9)).map((one) => one.tick),
      [4, 5],
    );
    await store.close();
  });

  test(`${name}: a rollout has one checkpoint, the last that was put, until its rows are dropped`, async () => {
    const put = (rolloutId: string, number: number): Change => ({
      kind: "put-checkpoint",
      rolloutId,
      tick: number,
      tickHash: `h${number}`,
      text: `{"n":${number}}`,
    });
    const store = await stored(put("r1", 1), put("r1", 2), put("r2", 7));
    assert.deepEqual(await store.checkpoint("r1"), {
      rolloutId: "r1",
      tick: 2,
      tickHash: "h2",
      text: '{"n":2}',
    });
    const { fence } = await store.open();
    await store.commit(fence, [{ kind: "drop-rows", rolloutId: "r1" }]);
    assert.equal(await store.checkpoint("r1"), null);
    assert.equal((await store.checkpoint("r2"))?.tick, 7);
    await store.close();
  });
}

function testOutbox(maker: StoreMaker): void {
  const { name } = maker;

  test(`${name}: notifications that wait are read at the start, and of the others the newest stay`, async () => {
    const store = await storedIn(maker, [
      ...[1, 2, 3, 4, 5].map((number) => notification(number, true)),
      ...[1, 2, 3, 5].map((number) => notification(number, false)),
      { kind: "trim-notifications", kept: 2 },
    ]);
    const { notifications } = await store.open();
    assert.deepEqual(notifications, {
      pending: [{ number: 4, isPending: true, text: '{"n":4}' }],
      last: 5,
    });
    const numbers = async (limit: number): Promise<readonly number[]> =>
      (await store.notifications(limit)).map(({ number }) => number);
    assert.deepEqual(await numbers(9), [5, 4, 3]);
    assert.deepEqual(await numbers(2), [5, 4]);
    assert.equal((await store.notification(3))?.isPending, false);
    assert.equal(await store.notification(1), null);
    await store.close();
  });
}
