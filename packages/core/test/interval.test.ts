// Every guard shows where its number lies: a threshold's interval covers the truth as often as it says.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  absorb,
  createRandom,
  decide,
  differenceInterval,
  emptyEvidence,
  emptyHistogram,
  groundsOf,
  type Interval,
  logNormal,
  poisson,
  quantileRatioInterval,
  type Random,
  record,
  type SequentialGuard,
} from "@slipway/core";
import { rolloutIn, tickOf } from "./rollout-fixture.ts";

function covers(interval: Interval | null, truth: number): boolean {
  if (interval === null) return false;
  const { low, high } = interval;
  return (low ?? Number.NEGATIVE_INFINITY) <= truth && truth <= (high ?? Number.POSITIVE_INFINITY);
}

const TRIES = 2_000;

function coverage(draw: (random: Random) => boolean): number {
  const random = createRandom(5);
  return Array.from({ length: TRIES }, () => draw(random)).filter(Boolean).length / TRIES;
}

test("the interval of a difference of rates holds the true one 99 times in a hundred", () => {
  const share = coverage((random) => {
    const candidate = { n: 600, bad: poisson(random, 18) };
    const stable = { n: 12_000, bad: poisson(random, 120) };
    return covers(differenceInterval(candidate, stable), 0.02);
  });
  assert.ok(share > 0.98 && share < 0.998, String(share));
  assert.equal(differenceInterval({ n: 0, bad: 0 }, { n: 10, bad: 0 }), null);
});

test("a difference is known better with more requests, and never ends beyond all or nothing", () => {
  const few = differenceInterval({ n: 20, bad: 0 }, { n: 100, bad: 100 });
  assert.ok(few !== null && (few.low ?? -9) >= -1 && (few.high ?? 9) <= 1);
  const [some, many] = [200, 20_000].map((n) =>
    differenceInterval({ n, bad: n / 50 }, { n, bad: n / 100 }),
  );
  const width = (interval: Interval | null): number =>
    (interval?.high ?? 9) - (interval?.low ?? -9);
  assert.ok(width(many ?? null) < width(some ?? null) / 5);
});

test("the interval of a ratio of quantiles holds the true one 99 times in a hundred", () => {
  const share = coverage((random) => {
    const drawn = (n: number, median: number): ReturnType<typeof emptyHistogram> => {
      const histogram = emptyHistogram();
      for (let i = 0; i < n; i++) record(histogram, logNormal(random, median, 0.8));
      return histogram;
    };
    return covers(quantileRatioInterval(0.9, drawn(200, 300), drawn(600, 200)), 1.5);
  });
  assert.ok(share > 0.97, String(share));
});

test("a tail with too few values has no upper end, and no values have no interval", () => {
  const few = emptyHistogram();
  for (let i = 1; i <= 50; i++) record(few, 100 + i);
  const interval = quantileRatioInterval(0.99, few, few);
  assert.deepEqual([interval?.low, interval?.high], [null, null]);
  assert.equal(quantileRatioInterval(0.99, emptyHistogram(), few), null);
});

test("thresholds and sequential guards alike come with an interval, and say for how many looks", () => {
  const facts = {
    stable: { n: 1_900, latencyMs: 200, errors: 19 },
    candidate: { n: 100, latencyMs: 200, errors: 3 },
  };
  const sequential: SequentialGuard = {
    id: "ratio",
    test: "sequential",
    segment: null,
    weight: 1,
    metric: { kind: "events", event: "errors" },
    comparison: { kind: "ratio", ratioMax: 1, differenceMin: 0.005 },
    action: "roll-back",
    windowMs: 60_000,
  };
  const base = rolloutIn({ kind: "stage", stage: 0, sinceMs: 0, confirmedAtMs: 0 });
  const guards = [...base.policy.guards, sequential];
  const rollout = { ...base, policy: { ...base.policy, guards } };
  let evidence = emptyEvidence(1);
  for (let tick = 0; tick < 12; tick++) evidence = absorb(evidence, rollout, tickOf(tick, facts));
  const { verdicts } = decide({ rollout, evidence }, 120_000);
  assert.deepEqual(
    verdicts.map(({ guard, interval }) => [guard, interval?.always, interval?.confidence]),
    [
      ["p99-latency", false, 0.99],
      ["errors", false, 0.99],
      ["ratio", true, 0.99],
    ],
  );
  assert.ok(covers(verdicts[1]?.interval ?? null, 0.02));
  const own = evidence.tests["ratio"];
  assert.ok(own !== undefined);
  const { counts, ticks, segments } = groundsOf(sequential, own, rollout.policy);
  assert.deepEqual(
    [ticks, counts.candidate, counts.stable],
    [12, { n: 1_200, bad: 36 }, { n: 22_800, bad: 228 }],
  );
  assert.deepEqual(
    segments.map(({ segment }) => segment),
    ["all"],
  );
});
