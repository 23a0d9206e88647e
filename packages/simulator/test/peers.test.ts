// The other tools' rules as re-implemented here, held against what is measured and documented of the originals: how
// often they go back although nothing is worse, and after how many minutes they do when something is.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  createRandom,
  emptyHistogram,
  logNormal,
  poisson,
  type Random,
  record,
} from "@slipway/core";
import {
  type ArmMinute,
  argo,
  classify,
  flagger,
  kayenta,
  type Minute,
  type Rule,
  shiftOf,
  zTest,
} from "@slipway/simulator";

type Behaviour = { readonly errorRate: number; readonly p99Ms: number };

const HEALTHY: Behaviour = { errorRate: 0.01, p99Ms: 200 };
const SIGMA = 0.8;
const Z_P99 = 2.326_348;
const MINUTES = 240;

function minuteOf(random: Random, perMinute: number, { errorRate, p99Ms }: Behaviour): ArmMinute {
  const requests = poisson(random, perMinute);
  const failures = Math.min(requests, poisson(random, requests * errorRate));
  const latency = emptyHistogram();
  const median = p99Ms / Math.exp(Z_P99 * SIGMA);
  for (let i = failures; i < requests; i++) record(latency, logNormal(random, median, SIGMA));
  return { requests, failures, latency };
}

type Tried = { readonly backShare: number; readonly medianMinutes: number | null };

/** 1,000 requests a minute, the candidate kept at 5% for four hours whatever the rule says of going on. */
function tried(rule: Rule, candidate: Behaviour, seeds: number, stablePerMinute = 0): Tried {
  const minutes: number[] = [];
  for (let seed = 1; seed <= seeds; seed++) {
    const random = createRandom(seed);
    const look = rule.begin();
    for (let minute = 1; minute <= MINUTES; minute++) {
      const shown: Minute = {
        candidate: minuteOf(random, 50, candidate),
        stable: minuteOf(random, stablePerMinute, HEALTHY),
      };
      if (look(shown, 0) !== "roll-back") continue;
      minutes.push(minute);
      break;
    }
  }
  minutes.sort((a, b) => a - b);
  const median = minutes[Math.floor(seeds / 2)];
  return { backShare: minutes.length / seeds, medianMinutes: median ?? null };
}

function around(value: number | null, expected: number, within: number): void {
  assert.ok(value !== null && Math.abs(value - expected) <= within, `${value}, not ${expected}`);
}

describe("Flagger's rule", () => {
  const fixed = (errorRateMax: number, p99MsMax: number): Rule =>
    flagger({ name: "flagger", threshold: 5, errorRateMax, p99MsMax });

  test("takes every healthy version back whose errors touch the limit now and then", () => {
    const strict = tried(fixed(0.01, Number.POSITIVE_INFINITY), HEALTHY, 100);
    assert.equal(strict.backShare, 1);
    around(strict.medianMinutes, 13, 2);
    const tuned = tried(fixed(0.02, Number.POSITIVE_INFINITY), HEALTHY, 100);
    assert.equal(tuned.backShare, 1);
    around(tuned.medianMinutes, 22, 4);
  });

  test("finds three times the errors within minutes", () => {
    const worse = { ...HEALTHY, errorRate: 0.03 };
    const found = tried(fixed(0.01, Number.POSITIVE_INFINITY), worse, 100);
    around(found.medianMinutes, 7, 1);
  });

  test("mistakes the slowest of fifty answers for a slow version", () => {
    const found = tried(fixed(1, 400), HEALTHY, 100);
    assert.ok(found.backShare > 0.8, `${found.backShare}`);
  });

  test("goes back one interval after the check that was one too many, and never forgets one", () => {
    const look = flagger({ name: "f", threshold: 2, errorRateMax: 0.1, p99MsMax: 1000 }).begin();
    const good = sure({ requests: 10, failures: 0 });
    const bad = sure({ requests: 10, failures: 5 });
    assert.deepEqual(
      [good, bad, good, bad, good].map((minute) => look(minute, 0)),
      ["advance", "hold", "advance", "hold", "roll-back"],
    );
  });

  test("takes no traffic for a failed check", () => {
    const look = flagger({ name: "f", threshold: 1, errorRateMax: 0.1, p99MsMax: 1000 }).begin();
    const idle = sure({ requests: 0, failures: 0 });
    assert.deepEqual([look(idle, 0), look(idle, 0)], ["hold", "roll-back"]);
  });
});

describe("Argo's rule", () => {
  const condition = { kind: "fixed", errorRateMax: 0.05, p99MsMax: 1000 } as const;

  test("aborts at the first failed measurement by default, and counts failures in all where more are allowed", () => {
    const strict = argo({
      name: "a",
      pauseMinutes: 10,
      intervalMinutes: 1,
      lookbackMinutes: 1,
      failureLimit: 0,
      condition,
    }).begin();
    const good = sure({ requests: 100, failures: 0 });
    const bad = sure({ requests: 100, failures: 20 });
    assert.deepEqual([strict(good, 0), strict(bad, 0)], ["hold", "roll-back"]);
    const lenient = argo({
      name: "a",
      pauseMinutes: 10,
      intervalMinutes: 1,
      lookbackMinutes: 1,
      failureLimit: 1,
      condition,
    }).begin();
    assert.deepEqual(
      [bad, good, good, bad].map((minute) => lenient(minute, 0)),
      ["hold", "hold", "hold", "roll-back"],
    );
  });

  test("goes on after the pause, and measures over the minutes before", () => {
    const look = argo({
      name: "a",
      pauseMinutes: 3,
      intervalMinutes: 3,
      lookbackMinutes: 3,
      failureLimit: 0,
      condition,
    }).begin();
    const bad = sure({ requests: 100, failures: 12 });
    const good = sure({ requests: 100, failures: 0 });
    // 12 of 300 is within 5%: the average hides the minute.
    assert.deepEqual(
      [bad, good, good].map((minute) => look(minute, 0)),
      ["hold", "hold", "advance"],
    );
  });

  test("takes 0/0 for a failed measurement", () => {
    const look = argo({
      name: "a",
      pauseMinutes: 3,
      intervalMinutes: 1,
      lookbackMinutes: 1,
      failureLimit: 0,
      condition,
    }).begin();
    assert.equal(look(sure({ requests: 0, failures: 0 }), 0), "roll-back");
  });
});

describe("Kayenta's rule", () => {
  const rule = kayenta({
    name: "k",
    lifetimeMinutes: MINUTES,
    intervalMinutes: 10,
    marginal: 75,
    pass: 95,
  });

  test("leaves a healthy version alone, and finds three times the errors within the hour", () => {
    assert.ok(tried(rule, HEALTHY, 8, 950).backShare <= 0.1);
    const worse = tried(rule, { ...HEALTHY, errorRate: 0.03 }, 10, 950);
    around(worse.medianMinutes, 30, 20);
  });

  test("finds a P99 of four times the baseline at its first judgement", () => {
    around(tried(rule, { ...HEALTHY, p99Ms: 800 }, 20, 950).medianMinutes, 10, 0);
  });

  test("misjudges small samples, and misses a doubling in short series, as often as the original", () => {
    const random = createRandom(5);
    const series = (points: number, median: number): number[] =>
      Array.from({ length: points }, () => logNormal(random, median, 0.5));
    const share = (points: number, factor: number, wanted: (told: string) => boolean): number => {
      const told = Array.from({ length: 2_000 }, () =>
        classify(series(points, 100 * factor), series(points, 100)),
      );
      return told.filter(wanted).length / told.length;
    };
    const isWrong = (told: string): boolean => told !== "pass";
    const isHigh = (told: string): boolean => told === "high";
    around(share(2, 1, isWrong), 0.235, 0.03);
    around(share(3, 1, isWrong), 0.05, 0.015);
    around(share(5, 1, isWrong), 0.003, 0.004);
    around(share(8, 2, isHigh), 0.22, 0.03);
    around(share(15, 2, isHigh), 0.62, 0.03);
    around(share(30, 2, isHigh), 0.98, 0.02);
  });

  test("classifies a clear shift as high or low, none as pass, and no values as no data", () => {
    const low = [10, 11, 9, 10, 12, 10, 11, 9, 10, 11];
    const high = low.map((value) => value + 20);
    assert.equal(classify(high, low), "high");
    assert.equal(classify(low, high), "low");
    assert.equal(classify(low, low), "pass");
    assert.equal(classify([], low), "no-data");
  });

  test("estimates a shift by the median of all differences", () => {
    const { low, estimate, high } = shiftOf([5, 6, 7, 8], [1, 2, 3, 4], 1.96);
    assert.equal(estimate, 4);
    assert.ok(low < 4 && high > 4);
  });
});

describe("A z-test that is looked at every minute", () => {
  const rule = zTest({ name: "z", holdMinutes: 10, baseline: { errorRate: 0.01, p99Ms: 1e9 } });

  test("takes more than a third of healthy versions back, and finds harm at once", () => {
    const { backShare } = tried(rule, HEALTHY, 100, 950);
    assert.ok(backShare > 0.25 && backShare < 0.55, `${backShare}`);
    around(tried(rule, { ...HEALTHY, errorRate: 0.03 }, 60, 950).medianMinutes, 2, 1);
  });
});

/** A minute whose answers all take 100 ms; stable has nothing. */
function sure({ requests, failures }: Pick<ArmMinute, "requests" | "failures">): Minute {
  const latency = emptyHistogram();
  for (let i = failures; i < requests; i++) record(latency, 100);
  return {
    candidate: { requests, failures, latency },
    stable: { requests: 0, failures: 0, latency: emptyHistogram() },
  };
}
