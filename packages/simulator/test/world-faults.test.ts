// What single faults must not break, each brought about on purpose instead of by a seed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { runWorld, World, type WorldFault, type WorldPlan } from "@slipway/simulator";
import { digest, settle } from "./world-ports.ts";

const CALM: WorldPlan = {
  seed: 1,
  gateways: 2,
  workersPerGateway: 1,
  requestsPerSecond: 28,
  candidate: "healthy",
  leaseMs: 60_000,
  onLapse: "stable",
  horizonMs: 3_000,
  faultsMs: 20_000,
  faults: {},
  conditions: { delayMsMin: 1, delayMsMean: 0.1, lossShare: 0, copyShare: 0, copyDelayMsMean: 0 },
  commits: { crashShare: 0, failShare: 0, delayMsMean: 0 },
};

/** A world whose rollout is in its first stage. */
async function underWay(changes: Partial<WorldPlan> = {}): Promise<World> {
  const world = new World({ plan: { ...CALM, ...changes }, digest, settle });
  await world.open();
  world.operator.ensureRollout();
  await world.pass(4_000);
  assert.notEqual(world.operator.rollout, null);
  return world;
}

// In these worlds the clock of the worker that is cut off is slower than the controller's.
for (const seed of [3, 4]) {
  test(`a lease is not over for the controller before it is for a worker with a slower clock (${seed})`, async () => {
    const world = await underWay({ seed, driftMax: 0.004 });
    const { worker } = world.workers[0] ?? {};
    const before = { worldMs: world.clock.mono(), workerMs: worker?.clock.mono() ?? 0 };
    world.network.cut("edge-1", ["to-controller", "from-controller"]);
    world.operator.rollBack();
    await world.pass(CALM.leaseMs + 5_000);
    const workerMs = (worker?.clock.mono() ?? 0) - before.workerMs;
    assert.ok(workerMs < world.clock.mono() - before.worldMs, "its clock is not slower");
    assert.deepEqual(world.record.violations, []);
    assert.equal(world.operator.rollout, null);
  });
}

const STRIKING: readonly (readonly [WorldFault, RegExp])[] = [
  ["bad-link", /the link of edge-\d is bad/],
  ["worker-clock-jump", /the wall clock of a worker is set/],
  ["store-slow", /the store is slow/],
  ["store-outage", /the store takes nothing/],
  ["disk-full", /a disk of edge-\d is full/],
];

for (const [kind, trace] of STRIKING) {
  test(`${kind}, again and again, breaks no promise, and afterwards a rollout completes`, async () => {
    // Workers and controllers die as well, so that what was not stored is missed.
    const faults = { [kind]: 3_000, "worker-crash": 6_000, "controller-crash": 10_000 };
    const plan = { ...CALM, leaseMs: 5_000, faults };
    const { violations, story } = await runWorld({ plan, digest, settle });
    assert.deepEqual(violations, []);
    assert.ok(story.some((line) => trace.test(line)));
  });
}
