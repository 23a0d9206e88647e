// Thinning, which policy is tried, and the summing up of many backtests.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  addHeard,
  type BacktestReport,
  backtestSummary,
  badOf,
  binomial,
  countedOf,
  countOf,
  createRandom,
  type EvidenceRow,
  emptyFeedback,
  emptyRow,
  type Policy,
  record,
  thinnedRow,
  triedPolicy,
} from "@slipway/core";
import fc from "fast-check";
import { POLICY } from "./rollout-fixture.ts";

const DRAWS = 4_000;

/** Mean and variance of many draws. */
function momentsOf(n: number, keep: number): { readonly mean: number; readonly variance: number } {
  const random = createRandom(7);
  const draws = Array.from({ length: DRAWS }, () => binomial(random, n, keep));
  const mean = draws.reduce((sum, draw) => sum + draw, 0) / DRAWS;
  return { mean, variance: draws.reduce((sum, draw) => sum + (draw - mean) ** 2, 0) / DRAWS };
}

test("a draw has the binomial's mean and variance, for few and for many, kept seldom or often", () => {
  for (const [n, keep] of [
    [1, 0.3],
    [12, 0.5],
    [200, 0.04],
    [900, 0.93],
    [3_000_000, 0.2],
  ] as const) {
    const { mean, variance } = momentsOf(n, keep);
    const expected = n * keep * (1 - keep);
    // Five standard errors of each.
    assert.ok(Math.abs(mean - n * keep) < 5 * Math.sqrt(expected / DRAWS), `${n} ${keep}: ${mean}`);
    assert.ok(Math.abs(variance / expected - 1) < 5 * Math.sqrt(3 / DRAWS), `${n}: ${variance}`);
  }
});

function rowOf(ok: number, failed: number, open: number): EvidenceRow {
  const key = {
    rolloutId: "r",
    table: 1,
    tick: 1,
    arm: "candidate",
    via: "split",
    segment: "ts",
  } as const;
  const row = emptyRow(key);
  row.arrivals = ok + failed + open;
  row.judged = ok + failed;
  row.outcomes = { ok, server_error: failed };
  row.spared = failed;
  for (let i = 0; i < ok; i++) record(row.latency.total, 100 + i);
  row.buckets.arrivals[3] = ok + failed;
  row.buckets.bad[3] = failed;
  row.replicas = { ...row.replicas, ...JSON.parse(`{"a":{"arrivals":${ok},"bad":${failed}}}`) };
  return row;
}

test("a thinned row is the same kind of row, with no more of anything and never more bad ones than there are", () => {
  const counts = fc.integer({ min: 0, max: 60 });
  fc.assert(
    fc.property(
      counts,
      counts,
      counts,
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.nat(),
      (ok, failed, open, keep, seed) => {
        const row = rowOf(ok, failed, open);
        const before = JSON.stringify(row);
        const thinned = thinnedRow(row, keep, createRandom(seed));
        assert.equal(JSON.stringify(row), before);
        assert.equal(thinned.segment, "ts");
        assert.ok(thinned.arrivals <= row.arrivals && thinned.judged <= thinned.arrivals);
        assert.ok(countedOf(thinned) <= countedOf(row) && badOf(thinned) <= badOf(row));
        assert.ok(thinned.spared <= badOf(thinned));
        assert.equal(thinned.latency.total.first, row.latency.total.first);
        assert.ok(countOf(thinned.latency.total) <= countOf(row.latency.total));
        const { arrivals, bad } = thinned.buckets;
        assert.ok((bad[3] ?? 0) <= (arrivals[3] ?? 0));
      },
    ),
  );
  const row = rowOf(5, 2, 1);
  assert.equal(thinnedRow(row, 1, createRandom(1)), row);
  assert.equal(thinnedRow(row, 0, createRandom(1)).arrivals, 0);
});

test("a thinned row has the means that the row has, of all its answers and by bucket", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 60 }),
      fc.double({ min: 0.05, max: 0.95, noNaN: true }),
      fc.nat(),
      (answers, keep, seed) => {
        const row = rowOf(answers, 0, 0);
        Object.assign(row.usage, { n: answers, oo: answers * 40_000_000 });
        row.tokens.output = answers * 5_000;
        row.buckets.tokens.output = [0, 0, 0, answers * 5_000];
        const { usage, tokens, buckets } = thinnedRow(row, keep, createRandom(seed));
        assert.ok(usage.n <= answers);
        assert.ok(Math.abs(tokens.output - 5_000 * usage.n) <= 1);
        assert.ok(Math.abs(usage.oo - 40_000_000 * usage.n) <= 1);
        const expected = 5_000 * (buckets.arrivals[3] ?? 0);
        assert.ok(Math.abs((buckets.tokens.output[3] ?? 0) - expected) <= 1);
      },
    ),
  );
});

test("what users said is thinned as one: never more bad than said, and the buckets are part of all", () => {
  const counts = fc.integer({ min: 0, max: 40 });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(counts, counts), { maxLength: 5 }),
      fc.tuple(counts, counts),
      fc.double({ min: 0, max: 0.99, noNaN: true }),
      fc.nat(),
      (inBuckets, without, keep, seed) => {
        const row = rowOf(10, 0, 0);
        const feedback = emptyFeedback();
        const said = (good: number, bad: number, bucket: number | null): void => {
          for (let i = 0; i < good + bad; i++) {
            const accepted = i >= bad;
            const heard = { accepted, rating: null, reason: null, health: null, scores: {} };
            addHeard(feedback, heard, bucket);
          }
        };
        inBuckets.forEach(([good, bad], bucket) => {
          said(good, bad, bucket);
        });
        said(...without, null);
        const tally = thinnedRow({ ...row, feedback }, keep, createRandom(seed)).feedback?.tallies[
          "acceptance"
        ];
        const before = feedback.tallies["acceptance"];
        if (tally === undefined || before === undefined) return;
        const all = Object.values(tally.buckets);
        assert.ok(tally.n <= before.n && tally.bad <= before.bad && tally.bad <= tally.n);
        assert.ok(all.every(({ n, bad }) => bad <= n));
        const [n, bad] = [
          all.reduce((sum, one) => sum + one.n, 0),
          all.reduce((sum, one) => sum + one.bad, 0),
        ];
        assert.ok(n <= tally.n && bad <= tally.bad);
      },
    ),
  );
});

test("the same seed thins alike, another does not", () => {
  const draws = (seed: number): readonly number[] => {
    const random = createRandom(seed);
    return [1, 2, 3, 4, 5].map(() => thinnedRow(rowOf(40, 9, 0), 0.4, random).arrivals);
  };
  assert.deepEqual(draws(3), draws(3));
  assert.notDeepEqual(draws(3), draws(4));
});

test("what gateways did by the recorded policy stays, what decides is the other's, and the rest is said", () => {
  const other: Policy = {
    ...POLICY,
    guards: POLICY.guards.slice(1),
    evidence: { tickMs: 20_000, horizonMs: 60_000, segments: [] },
    keys: { ...POLICY.keys, apiKeyIsUser: true },
    stages: POLICY.stages.map((stage) => ({ ...stage, approval: { needed: 1, by: [] } })),
    mode: "observe",
  };
  const { policy, isOwn, notes } = triedPolicy(POLICY, other);
  assert.deepEqual(policy, { ...POLICY, guards: other.guards });
  assert.equal(isOwn, false);
  assert.equal(notes.length, 4);
  assert.match(notes.join("\n"), /how users are told apart stay as they were/);
});

test("a policy that differs in nothing that decides is the rollout's own, approvals and all", () => {
  const approval = { needed: 1, by: ["ann"] };
  const recorded = { ...POLICY, stages: POLICY.stages.map((stage) => ({ ...stage, approval })) };
  const same = triedPolicy(recorded, { ...recorded, deadlineMs: 1_000, mode: "observe" });
  assert.deepEqual([same.isOwn, same.policy], [true, recorded]);
});

type Outcome = BacktestReport["real"]["outcome"];

function reportOf(
  real: Outcome,
  realMs: number,
  tried: Outcome,
  triedMs: number,
  by?: string,
): BacktestReport {
  const because = { code: "guard", text: "" };
  const steps = [
    { atMs: realMs, move: { kind: "roll-back" }, percent: 0, because, by: by ?? null },
  ] as const;
  const end = (outcome: Outcome, atMs: number): BacktestReport["real"] => ({
    outcome,
    phase: outcome === "under-way" ? "stage" : outcome,
    atMs,
    percent: 5,
    steps,
  });
  const harm = { requests: 10, bad: 1, spared: 0, unknown: 0, users: 5 };
  return {
    rolloutId: "r",
    model: "m",
    from: "a",
    to: "b",
    startedAtMs: 0,
    isOwn: false,
    same: 0,
    real: end(real, realMs),
    tried: end(tried, triedMs),
    fork: null,
    harm: { real: harm, tried: { ...harm, requests: 4 } },
    unknown: [],
  };
}

test("many are summed up: false alarms among the completed, delays and misses among those rolled back", () => {
  const summary = backtestSummary([
    reportOf("completed", 100, "completed", 160),
    reportOf("completed", 100, "rolled-back", 50),
    reportOf("completed", 100, "under-way", 100),
    reportOf("rolled-back", 100, "rolled-back", 70),
    reportOf("rolled-back", 100, "rolled-back", 130),
    reportOf("rolled-back", 100, "under-way", 100),
    reportOf("rolled-back", 100, "under-way", 100, "ann"),
  ]);
  const { completed, rolledBack, requests } = summary;
  assert.deepEqual([completed.n, completed.rolledBack, completed.notDone], [3, 1, 1]);
  assert.deepEqual(completed.delay, { n: 1, medianMs: 60, minMs: 60, maxMs: 60 });
  // What an operator rolled back is no measure of a policy.
  assert.deepEqual([rolledBack.n, rolledBack.missed], [3, 1]);
  assert.deepEqual(rolledBack.delay, { n: 2, medianMs: -30, minMs: -30, maxMs: 30 });
  assert.deepEqual(requests, { real: 70, tried: 28 });
});
