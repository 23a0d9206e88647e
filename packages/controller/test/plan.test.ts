// A plan is made from the evidence that the model's last rollout left, or from figures that are given.
import assert from "node:assert/strict";
import { test } from "node:test";
import { readingsOf } from "@slipway/controller";
import { type PlanRequest, type PlanView, planViewSchema } from "@slipway/wire";
import { GOOD } from "./fake-gateway.ts";
import { FakeWorld, MODEL, sha256 } from "./fake-world.ts";

const SLOW = { ...GOOD, latencyMs: 900 };

async function planned(world: FakeWorld, request: PlanRequest): Promise<PlanView> {
  const ask = world.controller.planning(MODEL, request.to);
  const view = await readingsOf(world.store, sha256).plan({ ...ask, request });
  return planViewSchema.parse(JSON.parse(JSON.stringify(view)));
}

test("the last rollout's stable arm says how much traffic there is, and when that was", async () => {
  const world = await new FakeWorld().open();
  await world.start();
  await world.seconds(10);
  await world.seconds(12, SLOW);
  assert.equal((await world.view()).phase.kind, "rolled-back");
  const { perMinute, source, stages } = await planned(world, { to: "gpt-5.3" });
  assert.equal(source.evidence?.rolloutId, world.rolloutId);
  assert.equal(source.evidence?.version, "gpt-5.0");
  assert.ok(Math.abs(perMinute / 24_000 - 1) < 0.1, String(perMinute));
  assert.deepEqual(
    stages.map(({ percent }) => percent),
    [25, 50],
  );
});

test("without any rollout before, figures must be given, and are enough", async () => {
  const world = await new FakeWorld().open();
  await assert.rejects(planned(world, { to: "gpt-5.3" }), { code: "no_traffic" });
  const { source, errorRate } = await planned(world, {
    to: "gpt-5.3",
    requestsPerMinute: 1_000,
    errorRate: 0.01,
  });
  assert.deepEqual(source, { evidence: null, given: ["requests per minute", "error rate"] });
  assert.equal(errorRate, 0.01);
});

test("what could not be started cannot be planned", async () => {
  const world = await new FakeWorld().open();
  await assert.rejects(planned(world, { to: "gpt-9" }), { code: "unknown_version" });
  await assert.rejects(planned(world, { to: "gpt-5.0" }), { code: "candidate_is_stable" });
});
