// A decision is explained from what is stored, as it was then, and it is said when it does not come out the same.
import assert from "node:assert/strict";
import { test } from "node:test";
import { readingsOf, type StoreReader } from "@slipway/controller";
import { type Explanation, explanationSchema } from "@slipway/wire";
import { GOOD } from "./fake-gateway.ts";
import { FakeWorld, sha256 } from "./fake-world.ts";

const SLOW = { ...GOOD, latencyMs: 900 };

async function explained(
  world: FakeWorld,
  atMs: number | null = null,
  reader: StoreReader = world.store,
): Promise<Explanation> {
  const ask = { rolloutId: world.rolloutId, atMs, nowMs: world.controller.nowMs() };
  const explanation = await readingsOf(reader, sha256).explain(ask);
  return explanationSchema.parse(JSON.parse(JSON.stringify(explanation)));
}

async function rolledBack(): Promise<FakeWorld> {
  const world = await new FakeWorld().open();
  await world.start();
  await world.seconds(4);
  await world.seconds(12, SLOW);
  assert.equal((await world.view()).phase.kind, "rolled-back");
  return world;
}

test("a rollout that has ended is explained by the decision that ended it, with its counts", async () => {
  const { phase, decision, recorded, guards } = await explained(await rolledBack());
  assert.equal(phase.kind, "stage");
  assert.equal(decision.kind === "move" && decision.move.kind, "roll-back");
  assert.deepEqual([recorded?.decided, recorded?.replayed], ["roll-back", "same"]);
  assert.equal(recorded?.because.text, decision.because.text);
  const [p99] = guards;
  assert.equal(p99?.verdict.status, "fail");
  assert.ok((p99?.verdict.candidate.n ?? 0) >= 50);
  assert.ok((p99?.verdict.interval?.low ?? 0) > 2);
});

test("an earlier moment is explained as it was known then", async () => {
  const world = await rolledBack();
  const moved = (await world.events()).findLast(({ type }) => type === "moved");
  const early = await explained(world, (moved?.atMs ?? 0) - 3_000);
  assert.equal(early.decision.kind, "hold");
  assert.equal(early.recorded?.decided, "hold");
  assert.equal(early.recorded?.replayed, "same");
  const late = await explained(world);
  assert.ok(early.evidence.watermark < late.evidence.watermark);
  assert.ok((early.evidence.endMs ?? 0) <= early.atMs);
});

test("a rollout under way is explained as the controller sees it", async () => {
  const world = await new FakeWorld().open();
  await world.start();
  await world.seconds(5);
  const { decision, requirements, guards, phase } = await explained(world);
  const view = await world.view();
  assert.deepEqual([decision, phase], [view.decision, view.phase]);
  assert.deepEqual(requirements, view.requirements);
  assert.deepEqual(
    guards.map(({ verdict }) => verdict),
    view.verdicts,
  );
});

test("it says so when what is stored does not give the decision that was made", async () => {
  const world = await rolledBack();
  const forged: StoreReader = {
    ...world.store,
    ticks: async (id, above, limit) =>
      (await world.store.ticks(id, above, limit)).map((tick) => ({
        ...tick,
        text: tick.text.replaceAll('"arm":"candidate"', '"arm":"stable"'),
      })),
  };
  const { recorded } = await explained(world, null, forged);
  assert.match(recorded?.replayed ?? "", /the state that it decided on is not the one/);
});

test("a rollout that is not there is not explained", async () => {
  const world = await new FakeWorld().open();
  world.rolloutId = "nowhere";
  await assert.rejects(explained(world), { code: "unknown_rollout" });
});
