// Trends: the tests behind them against published values, and what a policy's trends say of drawn hours.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  absorb,
  createRandom,
  decide,
  type Evidence,
  emptyEvidence,
  emptyFeedback,
  normal,
  type Rollout,
  record,
  slopeInterval,
  type Tick,
  type Trend,
  type TrendVerdict,
  trendOf,
} from "@slipway/core";
import fc from "fast-check";
import { rolloutIn, tickOf } from "./rollout-fixture.ts";

const SERIES = [10, 12, 11, 14, 15, 14, 17, 18, 20, 19];
const points = (values: readonly number[]): readonly { x: number; y: number }[] =>
  values.map((y, x) => ({ x, y }));

test("Mann-Kendall and Theil-Sen have their published values", () => {
  const found = trendOf(points(SERIES));
  assert.ok(found);
  const { s, z, slope } = found;
  assert.equal(s, 38);
  assert.ok(Math.abs(z - 3.322_698) < 1e-6, `${z}`);
  assert.equal(slope, 1);
  // At 90% as published, and at 95%, by the ranks of the 45 slopes.
  assert.deepEqual(slopeInterval(points(SERIES), found, 1.644_854), { low: 1, high: 1.25 });
  assert.deepEqual(slopeInterval(points(SERIES), found, 1.959_964), { low: 0.875, high: 4 / 3 });
});

test("neighbours that resemble each other make growth less sure, never surer", () => {
  const random = createRandom(5);
  let level = 0;
  const walk = Array.from({ length: 48 }, () => {
    level = 0.9 * level + normal(random);
    return level;
  });
  const alternating = SERIES.map((value, index) => value + (index % 2) * 3);
  assert.ok((trendOf(points(walk))?.inflation ?? 0) > 2);
  assert.equal(trendOf(points(alternating))?.inflation, 1);
});

test("a series says the same whatever its unit and its level, and the opposite upside down", () => {
  const values = fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 3, maxLength: 20 });
  fc.assert(
    fc.property(values, fc.constantFrom(2, 8), fc.integer(), (ys, times, level) => {
      const found = trendOf(points(ys));
      const scaled = trendOf(points(ys.map((y) => y * times + level)));
      const turned = trendOf(points(ys.map((y) => -y)));
      assert.ok(found && scaled && turned);
      assert.equal(scaled.s, found.s);
      assert.ok(Math.abs(scaled.slope - found.slope * times) < 1e-9);
      assert.equal(turned.s, 0 - found.s);
    }),
  );
});

const MEMORY: Trend = {
  id: "editors",
  metric: "client-memory",
  limitMiB: 4_096,
  uptimeMs: 7 * 86_400_000,
  action: "block",
};
const SLOWER: Trend = {
  id: "slower",
  metric: "latency",
  ratioMax: 2,
  uptimeMs: 7 * 86_400_000,
  action: "roll-back",
};
const TICK_MS = 600_000;
const STAGE = { kind: "stage", stage: 0, sinceMs: 0, confirmedAtMs: 0 } as const;

type Hours = {
  readonly hours: number;
  /** MiB, by the hours that the stage has lasted. */
  readonly memory?: {
    readonly candidate: (h: number) => number;
    readonly stable: (h: number) => number;
  };
  readonly latency?: {
    readonly candidate: (h: number) => number;
    readonly stable: (h: number) => number;
  };
  readonly alone?: boolean;
};

/** Ticks of ten minutes, each with a hundred answers, and twenty reports of health, of each arm. */
function lived(rollout: Rollout, { hours, memory, latency, alone }: Hours, seed = 1): Evidence {
  const random = createRandom(seed);
  let evidence = emptyEvidence(1);
  for (let number = 0; number < hours * 6; number++) {
    const h = number / 6;
    const of = (arm: "candidate" | "stable"): { n: number; latencyMs: number } => ({
      n: 100,
      latencyMs: (latency?.[arm](h) ?? 400) * (1 + 0.02 * normal(random)),
    });
    const tick = tickOf(number, { stable: of("stable"), candidate: of("candidate") });
    for (const row of tick.rows) {
      if (memory === undefined) continue;
      const feedback = emptyFeedback();
      for (let i = 0; i < 20; i++) {
        record(feedback.health.memory, memory[row.arm](h) * (1 + 0.05 * normal(random)));
      }
      row.feedback = feedback;
    }
    const rows = alone === true ? tick.rows.filter(({ arm }) => arm === "candidate") : tick.rows;
    evidence = absorb(evidence, rollout, timed(tick, rows));
  }
  return evidence;
}

function timed(tick: Tick, rows: Tick["rows"]): Tick {
  return { ...tick, endMs: (tick.tick + 1) * TICK_MS, rows };
}

function rolloutWith(trend: Trend): Rollout {
  const { evidence } = rolloutIn(STAGE).policy;
  return rolloutIn(STAGE, {
    trends: [trend],
    guards: [],
    representative: "warn",
    evidence: { ...evidence, tickMs: TICK_MS },
  });
}

function said(trend: Trend, hours: Hours): TrendVerdict {
  const rollout = rolloutWith(trend);
  const evidence = lived(rollout, hours);
  const [verdict] = decide({ rollout, evidence }, hours.hours * 3_600_000).trends;
  assert.ok(verdict);
  return verdict;
}

const flat = (level: number) => () => level;
const growing = (level: number, perHour: number) => (h: number) => level + perHour * h;
/** An editor that was just started. */
const warming = (level: number) => (h: number) => level - 300 * Math.exp(-3 * h);

test("clients that grow and stable's that do not: the stage holds, and says when memory runs out", () => {
  const memory = { candidate: growing(700, 60), stable: flat(700) };
  const rollout = rolloutWith(MEMORY);
  const evidence = lived(rollout, { hours: 4.5, memory });
  const { decision, trends } = decide({ rollout, evidence }, 4.5 * 3_600_000);
  const [verdict] = trends;
  assert.equal(verdict?.status, "fail");
  assert.equal(verdict.look?.against, "stable");
  assert.ok(Math.abs((verdict.look?.slope ?? 0) - 60) < 15, `${verdict.look?.slope}`);
  const days = (verdict.look?.exhaustionMs ?? 0) / 86_400_000;
  assert.ok(days > 1.5 && days < 2.5, `${days}`);
  assert.equal(decision.kind, "hold");
  assert.equal(decision.because.code, "trend");
  assert.match(decision.because.text, /^editors: client memory grows by \d+ MiB an hour more than/);
});

test("clients that warm up, or grow as much as stable's, break nothing, and what would show is said", () => {
  const warmed = said(MEMORY, {
    hours: 4.5,
    memory: { candidate: warming(900), stable: flat(700) },
  });
  assert.equal(warmed.status, "pass");
  const both = { candidate: growing(700, 60), stable: growing(650, 60) };
  const alike = said(MEMORY, { hours: 4.5, memory: both });
  assert.equal(alike.status, "pass");
  assert.match(alike.text, /does not surely grow more than stable's.* MiB an hour would show\)$/);
  assert.ok((alike.look?.seen ?? 0) > 0);
});

test("growth that reaches the limit in months breaks nothing, and is told", () => {
  const memory = { candidate: growing(700, 8), stable: flat(700) };
  const verdict = said(MEMORY, { hours: 16.5, memory });
  assert.equal(verdict.status, "pass");
  assert.match(
    verdict.text,
    /grows by .* in \d+(\.\d)? days at the earliest, 7 days are asked for$/,
  );
});

test("with nobody on stable memory is tested alone, and latency, which follows the load, is not", () => {
  const memory = { candidate: growing(700, 60), stable: flat(0) };
  const alone = said(MEMORY, { hours: 4.5, memory, alone: true });
  assert.deepEqual([alone.status, alone.look?.against], ["fail", "alone"]);
  const latency = { candidate: growing(400, 30), stable: flat(0) };
  const slower = said(SLOWER, { hours: 4.5, latency, alone: true });
  assert.deepEqual([slower.status, slower.look], ["wait", null]);
});

test("a candidate that slows down hour by hour is rolled back; a day's load that both have is not", () => {
  const latency = { candidate: growing(400, 12), stable: flat(400) };
  const rollout = rolloutWith(SLOWER);
  const evidence = lived(rollout, { hours: 8.5, latency });
  const { decision } = decide({ rollout, evidence }, 8.5 * 3_600_000);
  assert.deepEqual(decision.kind === "move" && decision.move, { kind: "roll-back" });
  const day = (h: number): number => 400 + 200 * Math.sin((h / 24) * 2 * Math.PI);
  assert.equal(
    said(SLOWER, { hours: 4.5, latency: { candidate: day, stable: day } }).status,
    "pass",
  );
});

test("nothing is looked at before the first hour, and what nobody measures says so and holds nothing", () => {
  const memory = { candidate: growing(700, 600), stable: flat(700) };
  const early = said(MEMORY, { hours: 0.9, memory });
  assert.deepEqual([early.status, early.nextLookMs], ["wait", 3_600_000]);
  const silent = said(MEMORY, { hours: 4.5 });
  assert.equal(silent.status, "wait");
  assert.match(silent.text, /^nothing measured yet/);
});

test("a stage begins its series anew, and a series ends with its last look", () => {
  const memory = { candidate: growing(700, 1), stable: flat(700) };
  const rollout = rolloutWith(MEMORY);
  const evidence = lived(rollout, { hours: 30, memory });
  assert.equal(evidence.trends.series["editors"]?.points.length, 96);
  const next = { ...rollout, stageTable: 2, table: 2 };
  const facts = { n: 10, latencyMs: 100 };
  const after = tickOf(200, { stable: facts, candidate: facts }, { table: 2 });
  const anew = absorb(evidence, next, timed(after, after.rows)).trends;
  assert.deepEqual([anew.stageTable, anew.series["editors"]?.points], [2, []]);
});
