// What a policy with a small first stage makes of a record with a larger one: as much time as with traffic of its own.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  backtestReport,
  backtestTurn,
  createRandom,
  type EvidenceRow,
  emptyRow,
  type Policy,
  poisson,
  type Random,
  type RecordedItem,
  type RolloutEvent,
  type ServingArm,
  startBacktest,
} from "@slipway/core";
import { countCourse } from "./count-world.ts";
import { POLICY } from "./rollout-fixture.ts";

const RUNS = 24;
const MINUTES = 120;
const PER_MINUTE = 2_000;
const ERRORS: { readonly [arm in ServingArm]: number } = { stable: 0.01, candidate: 0.03 };
const TICK_MS = POLICY.evidence.tickMs;

function policyOf(percent: number, action: "roll-back" | "warn"): Policy {
  return {
    ...POLICY,
    stages: [
      { percent, holdMs: MINUTES * 120_000, minRequests: 100 },
      { percent: 100, holdMs: 0, minRequests: 0 },
    ],
    guards: [
      {
        id: "errors",
        test: "sequential",
        segment: null,
        weight: 1,
        metric: { kind: "events", event: "errors" },
        comparison: { kind: "ratio", ratioMax: 1, differenceMin: 0.005 },
        windowMs: 300_000,
        action,
      },
    ],
    stageLimitMs: MINUTES * 120_000,
    shareTolerance: 1,
  };
}

const course = { rolloutId: "r", model: "m", from: "a", to: "b", startedBy: "ann", reason: "" };

/** Turns of a rollout that stays in its first stage, whatever its candidate does. */
function* recorded(policy: Policy, random: Random): Generator<readonly RecordedItem[]> {
  const { rolloutId: id, ...rest } = course;
  const because = { code: "preflight", text: "" };
  const events: readonly RolloutEvent[] = [
    { type: "started", atMs: 0, table: 1, rollout: { id, ...rest, policy } },
    {
      type: "moved",
      atMs: 1,
      move: { kind: "advance", stage: 0 },
      cause: { kind: "evidence", because },
      table: 2,
      look: null,
    },
    { type: "confirmed", atMs: 2, table: 2, members: 1, expired: [], confirmMs: 1 },
  ];
  for (const event of events) yield [{ kind: "event", atMs: event.atMs, event }];
  const share = (policy.stages[0]?.percent ?? 0) / 100;
  for (let tick = 0; tick < (MINUTES * 60_000) / TICK_MS; tick++) {
    const endMs = (tick + 1) * TICK_MS;
    const rows = [
      drawn("stable", tick, 1 - share, random),
      drawn("candidate", tick, share, random),
    ];
    const made = { rolloutId: id, tick, endMs, missing: [], rows };
    yield [{ kind: "tick", atMs: endMs, tick: made }];
  }
}

function drawn(arm: ServingArm, tick: number, share: number, random: Random): EvidenceRow {
  const row = emptyRow({ rolloutId: "r", table: 2, tick, arm, via: "split", segment: "all" });
  row.arrivals = poisson(random, (PER_MINUTE * TICK_MS * share) / 60_000);
  row.judged = row.arrivals;
  const bad = Math.min(row.arrivals, poisson(random, row.arrivals * ERRORS[arm]));
  row.outcomes = { ok: row.arrivals - bad, server_error: bad };
  return row;
}

/** Minutes until a rollback in half of the runs. */
function medianOf(minutes: (seed: number) => number): number {
  const all = Array.from({ length: RUNS }, (_, seed) => minutes(seed)).sort((a, b) => a - b);
  return all[RUNS / 2] ?? Number.POSITIVE_INFINITY;
}

function withTraffic(percent: number): number {
  const arm = (errorRate: number): { errorRate: number; p99Ms: null } => ({
    errorRate,
    p99Ms: null,
  });
  return medianOf((seed) => {
    const world = {
      policy: policyOf(percent, "roll-back"),
      perMinute: PER_MINUTE,
      stable: arm(ERRORS.stable),
      candidate: arm(ERRORS.candidate),
      minutesMax: MINUTES,
    };
    const { end, minutes } = countCourse(world, createRandom(1_000 + seed));
    return end === "rolled-back" ? minutes : Number.POSITIVE_INFINITY;
  });
}

test("a stage of 5% decides on a record of 25% about when it would have with its own traffic, and not as fast as 25% does", () => {
  const thinned = medianOf((seed) => {
    const policy = policyOf(25, "warn");
    const backtest = startBacktest(policy, policyOf(5, "roll-back"), seed);
    for (const turn of recorded(policy, createRandom(5_000 + seed))) backtestTurn(backtest, turn);
    const report = backtestReport(backtest, MINUTES * 60_000, seed);
    assert.equal(report?.tried.outcome, "rolled-back");
    return (report?.tried.atMs ?? 0) / 60_000;
  });
  const own = withTraffic(5);
  assert.ok(thinned > own / 1.7 && thinned < own * 1.7, `${thinned} and ${own} minutes`);
  const larger = withTraffic(25);
  assert.ok(thinned > larger * 1.7, `${thinned} and ${larger} minutes`);
});
