// What the guards' benchmark draws is what its cases say: requests, failures, quantiles, and who is on the candidate.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  badOf,
  createRandom,
  emptyHistogram,
  mergeInto,
  quantile,
  type ServingArm,
} from "@slipway/core";
import { policyOf } from "../default-policy.ts";
import type { World } from "./behaviour.ts";
import { Drawing } from "./drawing.ts";
import { courseOf, started } from "./world.ts";

const WORLD: World = {
  policy: policyOf(),
  perMinute: 10_000,
  segments: 5,
  users: null,
  stable: { errorRate: () => 0.01, p99Ms: 200, p99TtftMs: 80 },
  candidate: { errorRate: (segment) => (segment === 0 ? 0.3 : 0), p99Ms: 800, p99TtftMs: null },
  late: false,
  hours: 8,
};

function near(actual: number | null, expected: number, within: number): void {
  assert.ok(actual !== null && Math.abs(actual / expected - 1) <= within, `${actual}`);
}

test("a drawn arm has the requests, failures and quantiles of its behaviour", () => {
  const drawing = new Drawing(WORLD, createRandom(3));
  const rollout = started(WORLD);
  const rows = Array.from({ length: 60 }, (_, tick) => drawing.tick(rollout, tick, false).rows);
  const sums = (arm: ServingArm) => {
    const own = rows.flat().filter((row) => row.arm === arm);
    const [total, ttft] = [emptyHistogram(), emptyHistogram()];
    for (const { latency } of own) {
      mergeInto(total, latency.total);
      mergeInto(ttft, latency.ttft);
    }
    const arrivals = own.reduce((sum, row) => sum + row.arrivals, 0);
    const failed = own.filter((row) => badOf(row) > 0).map(({ segment }) => segment);
    const bad = own.reduce((sum, row) => sum + badOf(row), 0);
    return { arrivals, bad, total, ttft, failed: new Set(failed) };
  };
  const [stable, candidate] = [sums("stable"), sums("candidate")];
  near(stable.arrivals, 95_000, 0.02);
  near(candidate.arrivals, 5_000, 0.05);
  near(stable.bad / stable.arrivals, 0.01, 0.15);
  near(candidate.bad / candidate.arrivals, 0.06, 0.2);
  assert.deepEqual([...candidate.failed], ["s0"]);
  near(quantile(stable.total, 0.99), 200, 0.05);
  near(quantile(stable.total, 0.5), 200 / Math.exp(2.3263 * 0.8), 0.03);
  near(quantile(stable.ttft, 0.99), 80, 0.05);
  near(quantile(candidate.total, 0.99), 800, 0.15);
  assert.deepEqual(candidate.ttft, emptyHistogram());
});

test("a tail is a part of the answers that take so much longer, and leaves the others as they are", () => {
  const candidate = { ...WORLD.stable, tail: { share: 0.2, moreMs: 600 } };
  const world = { ...WORLD, candidate };
  const drawing = new Drawing(world, createRandom(4));
  const rollout = started(world);
  const sum = emptyHistogram();
  for (let tick = 0; tick < 30; tick++) {
    for (const { arm, latency } of drawing.tick(rollout, tick, false).rows) {
      if (arm === "candidate") mergeInto(sum, latency.total);
    }
  }
  near(quantile(sum, 0.4), 200 / Math.exp(2.3263 * 0.8), 0.06);
  near(quantile(sum, 0.9), 600 + 200 / Math.exp(2.3263 * 0.8), 0.03);
});

test("the same seed goes the same way, and harm that is plain is rolled back", () => {
  const [course, again] = [courseOf(WORLD, 5), courseOf(WORLD, 5)];
  assert.deepEqual(course, again);
  assert.equal(course.outcome, "rolled-back");
});
