// Applying a configuration: what it creates, what it warns of, what it refuses, and that a refusal changes nothing.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ModelDocument } from "@slipway/wire";
import { documentOf, FakeWorld, MODEL, POLICY, requestOf, versionOf } from "./fake-world.ts";

const [OLD, NEW] = [versionOf("gpt-5.0"), versionOf("gpt-5.3")];

async function opened(): Promise<FakeWorld> {
  return await new FakeWorld().open();
}

async function underWay(): Promise<FakeWorld> {
  const world = await opened();
  await world.start();
  await world.seconds(2);
  return world;
}

async function refused(world: FakeWorld, code: string, ...models: ModelDocument[]): Promise<void> {
  const before = [world.controller.models(), world.controller.table()];
  // A model that would be fine by itself comes first: it must not be kept either.
  const fine = documentOf({ name: "a-new-model" });
  await assert.rejects(world.controller.apply(requestOf(fine, ...models)), { code });
  assert.deepEqual([world.controller.models(), world.controller.table()], before);
}

test("a new model takes its stable version from the document, and a route appears", async () => {
  const world = await opened();
  const chat = documentOf({ name: "chat" });
  const result = await world.controller.apply(requestOf(documentOf(), chat));
  assert.deepEqual(result, {
    table: 3,
    created: ["chat"],
    changed: [],
    unchanged: [MODEL],
    removed: [],
    warnings: [],
  });
  assert.deepEqual(
    world.controller.table().routes.map(({ model, stable }) => [model, stable.id]),
    [
      ["chat", "gpt-5.0"],
      [MODEL, "gpt-5.0"],
    ],
  );
});

test("applying the same again mints no table", async () => {
  const world = await opened();
  const { number } = world.controller.table();
  const result = await world.controller.apply(requestOf(documentOf()));
  assert.deepEqual([result.table, result.unchanged], [number, [MODEL]]);
});

test("an existing model keeps its stable version, with a warning that says how to move it", async () => {
  const world = await opened();
  const result = await world.controller.apply(requestOf(documentOf({ stable: "gpt-5.3" })));
  assert.equal(world.controller.models()[0]?.stable, "gpt-5.0");
  assert.deepEqual(result.warnings, [
    "code-assistant: stable stays gpt-5.0, though the file says gpt-5.3; only a rollout moves it: slipway rollout start code-assistant --to gpt-5.3",
  ]);
});

test("upstream limits and pools may change under the same version id", async () => {
  const world = await opened();
  const upstreams = NEW.upstreams.map((upstream) => ({ ...upstream, pool: "other" }));
  const versions = [OLD, { ...NEW, upstreams }];
  const result = await world.controller.apply(requestOf(documentOf({ versions })));
  assert.deepEqual(result.changed, [MODEL]);
});

test("the quotas of pools are in the table, and a change of them is a new one", async () => {
  const world = await opened();
  const pools = [{ name: "account", requestsPerMinute: 600, tokensPerMinute: null }];
  const before = world.controller.table();
  const first = await world.controller.apply({ ...requestOf(documentOf()), pools });
  assert.equal(first.table, before.number + 1);
  assert.deepEqual(world.controller.table(), { ...world.controller.table(), pools });
  assert.deepEqual(world.controller.table().routes, before.routes);
  const again = await world.controller.apply({ ...requestOf(documentOf()), pools });
  assert.equal(again.table, first.table);
});

test("a version whose content changed is refused: it needs a new id", async () => {
  const versions = [OLD, versionOf("gpt-5.3", "http://127.0.0.1:10/v1")];
  await refused(await opened(), "version_changed", documentOf({ versions }));
});

test("a fingerprint that does not fit its version is refused", async () => {
  const versions = [OLD, { ...NEW, fingerprint: "0".repeat(64) }];
  await refused(await opened(), "wrong_fingerprint", documentOf({ versions }));
});

test("an upstream URL with a password in it is refused: tables are no place for secrets", async () => {
  const versions = [OLD, versionOf("gpt-5.3", "https://user:pass@models.example/v1")];
  await refused(await opened(), "secret_in_url", documentOf({ versions }));
});

test("a version in use cannot be removed", async () => {
  const onlyNew = documentOf({ versions: [NEW], stable: "gpt-5.3" });
  const onlyOld = documentOf({ versions: [OLD] });
  const world = await underWay();
  await refused(world, "version_in_use", onlyNew);
  await refused(world, "version_in_use", onlyOld);
  await world.seconds(40);
  assert.equal(world.controller.models()[0]?.stable, "gpt-5.3");
  // Now the old one is kept warm.
  await refused(world, "version_in_use", onlyNew);
  await world.seconds(61);
  assert.deepEqual((await world.controller.apply(requestOf(onlyNew))).changed, [MODEL]);
});

test("a candidate that was rolled back may be removed", async () => {
  const world = await underWay();
  await world.command("rollback");
  await world.seconds(2);
  const result = await world.controller.apply(requestOf(documentOf({ versions: [OLD] })));
  assert.deepEqual(result.changed, [MODEL]);
});

test("a new policy counts from the next rollout on", async () => {
  const world = await underWay();
  const policy = { ...POLICY, bakeMs: 1 };
  const { warnings } = await world.controller.apply(requestOf(documentOf({ policy })));
  assert.match(warnings[0] ?? "", /counts from the next rollout on; r-1 keeps the one/);
  assert.equal((await world.view()).policy.bakeMs, POLICY.bakeMs);
  await world.command("rollback");
  await world.seconds(2);
  assert.equal((await world.start()).policy.bakeMs, 1);
});

test("a model that is no longer named is removed, but not while it rolls out", async () => {
  const world = await underWay();
  await refused(world, "model_in_use");
  await world.command("rollback");
  await world.seconds(2);
  const result = await world.controller.apply(requestOf());
  assert.deepEqual(result.removed, [MODEL]);
  assert.deepEqual(world.controller.table().routes, []);
  assert.equal((await world.view()).phase.kind, "rolled-back");
});

test("starting is refused for what cannot be rolled out", async () => {
  const world = await opened();
  const start = (model: string, to: string): Promise<unknown> =>
    world.controller.start({ model, to, by: "ann", reason: "" });
  await assert.rejects(start("nobody", "gpt-5.3"), { code: "unknown_model" });
  await assert.rejects(start(MODEL, "gpt-9"), { code: "unknown_version" });
  await assert.rejects(start(MODEL, "gpt-5.0"), { code: "candidate_is_stable" });
  await world.controller.apply(requestOf(documentOf({ policy: { ...POLICY, stages: [] } })));
  await assert.rejects(start(MODEL, "gpt-5.3"), { code: "no_stages" });
  await world.controller.apply(requestOf(documentOf()));
  await start(MODEL, "gpt-5.3");
  await assert.rejects(start(MODEL, "gpt-5.3"), { code: "rollout_under_way" });
});

test("a command for an entry that the journal has left behind is refused", async () => {
  const world = await underWay();
  const { sequence } = await world.view();
  const body = { command: "pause", by: "ann", reason: "" } as const;
  const command = (ifSequence: number): Promise<unknown> =>
    world.controller.command(world.rolloutId, { ...body, ifSequence });
  await assert.rejects(command(sequence - 1), { code: "conflict" });
  await command(sequence);
  await assert.rejects(command(sequence + 1), { code: "not_possible" });
});

const CLIENT = {
  name: "editor",
  keyHashes: ["0".repeat(64)],
  models: null,
  requestsPerMinute: 60,
  tokensPerMinute: null,
  inFlightMax: null,
};

test("clients are in the table, stay there through a restart and a rollout, and go with a warning", async () => {
  const world = await opened();
  const request = { ...requestOf(documentOf()), clients: [CLIENT] };
  const { table } = await world.controller.apply(request);
  assert.equal(world.controller.table().number, table);
  assert.deepEqual(world.controller.table().clients, [CLIENT]);
  assert.equal((await world.controller.apply(request)).table, table);
  await world.restart();
  assert.deepEqual(world.controller.table().clients, [CLIENT]);
  await world.start();
  await world.seconds(2);
  assert.deepEqual(world.controller.table().clients, [CLIENT]);
  const open = await world.controller.apply(requestOf(documentOf()));
  assert.equal(world.controller.table().clients, null);
  assert.match(open.warnings.join(), /everyone/);
});
