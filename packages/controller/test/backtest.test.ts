// Recorded rollouts under other policies: their own gives every decision again, and others are told from the record.
import assert from "node:assert/strict";
import { test } from "node:test";
import { readingsOf } from "@slipway/controller";
import type { BacktestReport, Policy } from "@slipway/core";
import type { BacktestView } from "@slipway/wire";
import { GOOD } from "./fake-gateway.ts";
import { FakeWorld, MODEL, POLICY, sha256 } from "./fake-world.ts";

const SLOW = { ...GOOD, latencyMs: 900 };
const WORSE = { ...GOOD, latencyMs: 360 };

async function started(policy: Partial<Policy> = {}): Promise<FakeWorld> {
  const world = await new FakeWorld({ policy }).open();
  await world.start();
  return world;
}

function tried(world: FakeWorld, policy: Partial<Policy>): Promise<BacktestView> {
  const policies = [{ model: null, policy: { ...world.policy, ...policy } }];
  return readingsOf(world.store, sha256).backtest({ policies });
}

async function only(world: FakeWorld, policy: Partial<Policy>): Promise<BacktestReport> {
  const { reports } = await tried(world, policy);
  assert.equal(reports.length, 1);
  const [report] = reports;
  assert.ok(report);
  return report;
}

function stricter(ratioMax: number): Partial<Policy> {
  const comparison = { kind: "ratio", ratioMax, differenceMin: 0 } as const;
  const guards = POLICY.guards.map((guard) =>
    guard.metric.kind === "latency" ? { ...guard, comparison } : guard,
  );
  return { guards };
}

/** Every move and every look of the journal on evidence. */
async function decisionsIn(world: FakeWorld): Promise<number> {
  return (await world.events()).filter(
    (event) =>
      event.type === "looked" || (event.type === "moved" && event.cause.kind === "evidence"),
  ).length;
}

async function comesOutTheSame(world: FakeWorld): Promise<BacktestReport> {
  const report = await only(world, {});
  assert.equal(report.isOwn, true);
  assert.equal(report.fork, null, JSON.stringify(report.fork));
  assert.deepEqual(report.tried.steps, report.real.steps);
  assert.deepEqual(report.harm.tried, report.harm.real);
  assert.deepEqual(report.unknown, []);
  assert.equal(report.same, await decisionsIn(world));
  return report;
}

test("its own policy gives every decision of a rollout again: completed", async () => {
  const world = await started();
  await world.seconds(40);
  const report = await comesOutTheSame(world);
  assert.equal(report.real.outcome, "completed");
});

test("its own policy gives every decision of a rollout again: rolled back", async () => {
  const world = await started();
  await world.seconds(9);
  await world.seconds(8, SLOW);
  const report = await comesOutTheSame(world);
  assert.deepEqual([report.real.outcome, report.real.percent], ["rolled-back", 50]);
});

test("its own policy gives every decision of a rollout again: steered by hand, restarted, frozen, observing", async () => {
  const world = await started({
    stages: [{ percent: 10, holdMs: 4_000, minRequests: 20 }, ...POLICY.stages],
  });
  await world.seconds(7);
  await world.command("pause");
  await world.seconds(3);
  await world.command("resume");
  await world.restart();
  await world.seconds(2);
  await world.controller.startFreeze({ by: "eve", reason: "incident" });
  await world.seconds(6);
  await world.command("override");
  await world.seconds(2);
  await world.command("step-back");
  await world.seconds(2);
  await world.command("observe");
  await world.command("promote");
  await world.seconds(9);
  await world.command("act");
  await world.seconds(3);
  await world.command("rollback");
  await world.seconds(4);
  await comesOutTheSame(world);
});

test("its own policy gives every decision of a rollout again: tripped, and judged by sequential guards", async () => {
  const guards: Policy["guards"] = [
    {
      id: "errors",
      test: "sequential",
      segment: null,
      weight: 1,
      metric: { kind: "events", event: "errors" },
      comparison: { kind: "ratio", ratioMax: 1, differenceMin: 0.005 },
      windowMs: 4_000,
      action: "roll-back",
    },
    {
      id: "p99",
      test: "sequential",
      segment: null,
      weight: 1,
      metric: { kind: "latency", time: "total", quantile: 0.99, byLength: false },
      comparison: { kind: "ratio", ratioMax: 2, differenceMin: 0 },
      windowMs: 4_000,
      action: "roll-back",
    },
  ];
  const world = await started({ guards });
  await world.seconds(40);
  const [gateway] = world.gateways;
  assert.ok(gateway);
  const outcomes = { server_error: 12 };
  const stable = { failures: 0, successes: 90 };
  const report = { rolloutId: world.rolloutId, table: 1, limit: 10, failures: 12, successes: 2 };
  gateway.tripped = [{ ...report, outcomes, stable }];
  await world.seconds(4);
  assert.match(await world.story(), /tripped roll-back/);
  await comesOutTheSame(world);
});

test("a policy that is stricter would have rolled back sooner, with the guard's numbers and who would have been spared", async () => {
  const world = await started();
  await world.seconds(6);
  await world.seconds(24, WORSE);
  const report = await only(world, stricter(1.5));
  assert.equal(report.isOwn, false);
  assert.equal(report.real.outcome, "completed");
  assert.equal(report.tried.outcome, "rolled-back");
  assert.ok(report.tried.atMs < report.real.atMs);
  const last = report.tried.steps.at(-1);
  assert.deepEqual([last?.because.code, last?.because.guard], ["guard", "p99"]);
  assert.match(last?.because.text ?? "", /limit 1.5x/);
  const { real, tried: other } = report.harm;
  assert.ok(other.requests < real.requests && other.users <= real.users);
  assert.equal(report.fork?.tried.did, "roll back");
});

test("a policy that is laxer would not have rolled back by the end of the record, and what then is not known", async () => {
  const world = await started();
  await world.seconds(4);
  await world.seconds(8, SLOW);
  const report = await only(world, stricter(100));
  assert.equal(report.real.outcome, "rolled-back");
  assert.equal(report.tried.outcome, "under-way");
  assert.match(report.unknown.join("\n"), /nobody on the candidate any more/);
  const { summary } = await tried(world, stricter(100));
  assert.deepEqual([summary.rolledBack.n, summary.rolledBack.missed], [1, 1]);
});

test("a policy with smaller stages sees the record thinned to its share, never more, the same each time", async () => {
  const world = await started();
  await world.seconds(40);
  const stages = [5, 100].map((percent) => ({ percent, holdMs: 20_000, minRequests: 50 }));
  const report = await only(world, { stages });
  assert.equal(report.fork?.tried.did, "advance to 5%");
  assert.equal(report.tried.steps[0]?.percent, 5);
  const { real, tried: other } = report.harm;
  assert.ok(other.requests < real.requests / 2, `${other.requests} of ${real.requests}`);
  assert.match(report.unknown.join("\n"), /thinned at random \(seed \d+\)/);
  assert.deepEqual(await only(world, { stages }), report);
});

test("a share that the record did not have is beyond it: whose turn it was is counted, how it went is not", async () => {
  const world = await started();
  await world.seconds(40);
  const stages = [{ percent: 50, holdMs: 60_000, minRequests: 50 }];
  const report = await only(world, { stages });
  assert.equal(report.tried.steps[0]?.percent, 50);
  assert.ok(report.harm.tried.unknown > 0);
  assert.match(report.unknown.join("\n"), /had more users on the candidate than the record/);
});

test("a guard that blocks pages under its own policy again, and under one that blocks where the recorded one went on", async () => {
  const acting = (action: "block" | "warn"): Partial<Policy> => ({
    guards: POLICY.guards.map((guard) => ({ ...guard, action })),
  });
  const stages = POLICY.stages.map((stage) => ({ ...stage, holdMs: 620_000 }));
  const world = await started({ ...acting("warn"), stages });
  await world.seconds(4);
  await world.seconds(640, SLOW);
  const report = await only(world, acting("block"));
  const { did, because } = report.fork?.tried ?? {};
  assert.deepEqual([did, because?.guard, because?.page], ["hold", "p99", true]);
  const blocked = await started(acting("block"));
  await blocked.seconds(4);
  await blocked.seconds(620, SLOW);
  assert.equal((await blocked.view()).decision.because.page, true);
  await comesOutTheSame(blocked);
});

test("a policy that holds longer is left behind by the record, and says so", async () => {
  const world = await started();
  await world.seconds(40);
  const stages = POLICY.stages.map((stage) => ({ ...stage, holdMs: 12_000 }));
  const report = await only(world, { stages });
  assert.equal(report.fork?.recorded.did, "advance to 50%");
  assert.equal(report.fork?.tried.did, "hold");
  assert.equal(report.fork?.tried.because.code, "hold");
  const { summary } = await tried(world, { stages });
  assert.deepEqual(
    [summary.completed.n, summary.completed.rolledBack, summary.completed.notDone],
    [1, 0, 1],
  );
});

test("a rollout that only observed is tried as if it had acted", async () => {
  const world = await new FakeWorld().open();
  const order = { model: MODEL, to: "gpt-5.3", by: "ann", reason: "to see", observe: true };
  world.rolloutId = (await world.controller.start(order)).id;
  await world.second();
  await world.command("promote");
  await world.seconds(4);
  await world.seconds(8, SLOW);
  const report = await only(world, stricter(1.9));
  assert.deepEqual(report.real.outcome, "under-way");
  assert.equal(report.tried.steps[0]?.move.kind, "advance");
  assert.equal(report.tried.outcome, "rolled-back");
});

test("a store of many rollouts is summed up, and what the file has no policy for is left out", async () => {
  const world = await started();
  await world.seconds(40);
  await world.controller.command(world.rolloutId, {
    command: "revert",
    by: "ann",
    reason: "to try again",
  });
  await world.seconds(6);
  await world.start();
  await world.seconds(4);
  await world.seconds(6, SLOW);
  const own = await tried(world, {});
  assert.equal(own.summary.rollouts, 2);
  assert.match(own.skipped[0]?.why ?? "", /the way back/);
  const readings = readingsOf(world.store, sha256);
  const policies = [{ model: "other", policy: POLICY }];
  const none = await readings.backtest({ policies });
  assert.deepEqual([none.reports.length, none.skipped.length], [0, 3]);
  await assert.rejects(readings.backtest({ policies, rolloutId: world.rolloutId }), {
    code: "no_policy",
  });
  await assert.rejects(readings.backtest({ policies, rolloutId: "no-such" }), {
    code: "unknown_rollout",
  });
});
