// The store in memory keeps the stores' rules, and fails when it is told to.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createMemoryStore } from "@slipway/controller";
import { testStore } from "./store-conformance.ts";

testStore({
  name: "memory",
  create: () => createMemoryStore("store-1"),
  reopen: (store) => Promise.resolve(store),
});

test("memory: a commit can fail before anything is stored, or after all of it is", async () => {
  const fail = { before: true, after: false };
  const store = createMemoryStore("store-1", {
    beforeCommit: () => {
      if (fail.before) throw new Error("disk full");
    },
    afterCommit: () => {
      if (fail.after) throw new Error("connection lost");
    },
  });
  const { fence } = await store.open();
  const change = { kind: "put-member", incarnation: "i", text: "1" } as const;
  await assert.rejects(store.commit(fence, [change]), /disk full/);
  fail.before = false;
  fail.after = true;
  await assert.rejects(store.commit(fence, [change]), /connection lost/);
  assert.equal((await store.open()).members.length, 1);
});
