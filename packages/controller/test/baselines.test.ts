// Baselines: a rollout that completed shows both versions side by side, a person makes limits of that, and the next rollout
// is held by them where what compares the two versions sees nothing.
import assert from "node:assert/strict";
import { test } from "node:test";
import { readingsOf } from "@slipway/controller";
import type { Baseline, LimitEdits, Policy, SideBySide } from "@slipway/core";
import { sideBySideSchema } from "@slipway/wire";
import { GOOD } from "./fake-gateway.ts";
import { FakeWorld, MODEL, sha256 } from "./fake-world.ts";

const SAID = { by: "ann", reason: "this is what users are used to" };

/** Until the rollout to gpt-5.3 has completed. */
async function completed(policy: Partial<Policy> = {}): Promise<FakeWorld> {
  const world = await new FakeWorld({ policy }).open();
  await world.start();
  await world.seconds(50, { ...GOOD, latencyMs: 150, errors: 0.01, stableErrors: 0.01 });
  assert.equal((await world.view()).phase.kind, "completed");
  return world;
}

async function measured(world: FakeWorld): Promise<SideBySide> {
  const found = await readingsOf(world.store, sha256).sideBySide({ model: MODEL });
  assert.ok(found !== null);
  return sideBySideSchema.parse(JSON.parse(JSON.stringify(found)));
}

async function accepted(world: FakeWorld, limits: LimitEdits = {}): Promise<Baseline> {
  const all = { model: MODEL, measured: await measured(world), limits, ...SAID };
  return await world.controller.setBaseline(all);
}

function rowOf({ rows }: SideBySide, name: string): SideBySide["rows"][number] {
  return rows.find((one) => one.name === name) ?? assert.fail(`no ${name}`);
}

test("a rollout that completed shows both versions side by side, from when it had all its users", async () => {
  const world = await completed({ holdbackPercent: 10 });
  const found = await measured(world);
  assert.deepEqual(
    [found.rolloutId, found.from, found.to, found.isConcurrent],
    [world.rolloutId, "gpt-5.0", "gpt-5.3", true],
  );
  const p99 = rowOf(found, "p99-latency");
  assert.ok(Math.abs((p99.old.value ?? 0) / 200 - 1) < 0.03, `${p99.old.value}`);
  assert.ok(Math.abs((p99.new.value ?? 0) / 150 - 1) < 0.03, `${p99.new.value}`);
  assert.ok(Math.abs((p99.limit ?? 0) / 225 - 1) < 0.05, `${p99.limit}`);
  const errors = rowOf(found, "errors");
  assert.ok((errors.limit ?? 0) > 2 * (errors.new.value ?? 1), JSON.stringify(errors));
  assert.equal(rowOf(found, "p50-latency").limit, null);
  // Nothing was streamed, and nobody said anything.
  assert.deepEqual(
    found.rows.map(({ name }) => name),
    ["p50-latency", "p95-latency", "p99-latency", "errors"],
  );
});

test("where nobody is held back the old version is measured in the stages before", async () => {
  const found = await measured(await completed());
  assert.equal(found.isConcurrent, false);
  assert.ok(rowOf(found, "p99-latency").old.n > 0);
});

test("a rollout that was rolled back, and a way back, give no baseline", async () => {
  const world = await new FakeWorld().open();
  await world.start();
  await world.seconds(4);
  await world.command("rollback");
  await world.seconds(4);
  assert.equal(await readingsOf(world.store, sha256).sideBySide({ model: MODEL }), null);
  const other = await completed();
  const { rolloutId } = other;
  await other.command("revert");
  await other.seconds(10);
  assert.equal((await measured(other)).rolloutId, rolloutId);
});

test("the next rollout is held by a limit that was accepted, though both versions are alike", async () => {
  const world = await completed();
  const { limits } = await accepted(world, { errors: 0.02 });
  assert.equal(limits.find(({ name }) => name === "errors")?.max, 0.02);
  const { id, policy } = await world.controller.start({ model: MODEL, to: "gpt-5.0", ...SAID });
  world.rolloutId = id;
  assert.equal(policy.baseline?.by, "ann");
  assert.deepEqual(
    policy.guards.filter((guard) => guard.id.startsWith("slo-")).map(({ action }) => action),
    limits.map(() => "block"),
  );
  await world.seconds(30, { ...GOOD, errors: 0.05, stableErrors: 0.05 });
  const { phase, verdicts, decision } = await world.view();
  assert.equal(phase.kind === "stage" ? phase.stage : phase.kind, 0);
  const slo = verdicts.find(({ guard }) => guard === "slo-errors");
  assert.equal(slo?.status, "fail", slo?.text);
  assert.equal(decision.kind, "hold");
});

test("limits are edited one by one, and what was in force before is kept", async () => {
  const world = await completed();
  const edit = { model: MODEL, measured: null, ...SAID };
  await assert.rejects(world.controller.setBaseline({ ...edit, limits: { errors: 0.1 } }), {
    code: "no_baseline_in_force",
  });
  const first = await accepted(world);
  const second = await world.controller.setBaseline({
    ...edit,
    limits: { errors: null, "p50-latency": 300 },
  });
  const namesOf = ({ limits }: Baseline): readonly string[] => limits.map(({ name }) => name);
  assert.ok(namesOf(first).includes("errors"));
  assert.ok(!namesOf(second).includes("errors"));
  assert.ok(namesOf(second).includes("p50-latency"));
  assert.equal(second.rolloutId, first.rolloutId);
  assert.deepEqual(world.controller.baselines(MODEL), [first, second]);
  await assert.rejects(world.controller.setBaseline({ ...edit, limits: { speed: 1 } }), {
    code: "unknown_limit",
  });
  const restarted = world.controller.baselines(MODEL);
  await world.restart();
  assert.deepEqual(world.controller.baselines(MODEL), restarted);
});

test("accepting anew keeps what a person has set, also where nothing was measured this time", async () => {
  const world = await completed();
  const edits = { "p99-latency": 200, "p50-latency": 120, errors: null };
  const first = await accepted(world, edits);
  const limitsOf = ({ limits }: Baseline): readonly unknown[] =>
    limits.map(({ name, max }) => [name, max]);
  const kept = [
    ["p50-latency", 120],
    ["p99-latency", 200],
  ];
  assert.deepEqual(limitsOf(first), kept);
  assert.deepEqual(limitsOf(await accepted(world)), kept);
  const found = await measured(world);
  const rows = found.rows.filter(({ name }) => name !== "p50-latency");
  const some = { model: MODEL, measured: { ...found, rows }, limits: {}, ...SAID };
  assert.deepEqual(limitsOf(await world.controller.setBaseline(some)), kept.toReversed());
  const { limit } = rowOf(found, "p99-latency");
  const anew = await accepted(world, { "p99-latency": limit, "p50-latency": null });
  assert.deepEqual(limitsOf(anew), [["p99-latency", limit]]);
});

test("a limit in another unit, which would hold everything or nothing, is refused", async () => {
  const world = await completed();
  const refused = [
    [{ errors: 1 }, /errors cannot be limited to 100%/],
    [{ errors: 800 }, /errors cannot be limited to/],
    [{ "p99-latency": 0.01 }, /p99-latency cannot be limited to/],
  ] as const;
  for (const [limits, message] of refused) {
    await assert.rejects(accepted(world, limits), { code: "senseless_limit", message });
  }
  assert.equal(world.controller.baselines(MODEL).length, 0);
});
