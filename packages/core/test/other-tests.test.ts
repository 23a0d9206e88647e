// The tests for common outcomes, for means and for the split of traffic, against published and enumerated values.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  createRandom,
  meanBoundWidth,
  meanHalfWidth,
  meanLogE,
  meanReaches,
  ODDS_ABOVE,
  oddsLogE,
  sampleRatioLogE,
} from "@slipway/core";
import fc from "fast-check";

function near(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) < 1e-8, `${actual} is not ${expected}`);
}

test("FNCH has its reference value", () => {
  const tick = { candidate: { n: 50, bad: 3 }, stable: { n: 950, bad: 9 } };
  near(oddsLogE(tick, 1, 3), 2.16239313);
});

function choose(n: number, k: number): number {
  return k === 0 ? 1 : (choose(n, k - 1) * (n - k + 1)) / k;
}

test("at the null FNCH is worth exactly 1 on average, given how many events there were", () => {
  const size = fc.integer({ min: 0, max: 8 });
  const odds = fc.constantFrom(0.5, 1, 2);
  fc.assert(
    fc.property(
      size,
      size,
      fc.nat(16),
      odds,
      fc.constantFrom(...ODDS_ABOVE),
      (n, m, k, w, above) => {
        const events = Math.min(k, n + m);
        let mean = 0;
        let all = 0;
        for (let bad = Math.max(0, events - m); bad <= Math.min(events, n); bad++) {
          const weight = choose(n, bad) * choose(m, events - bad) * w ** bad;
          const tick = { candidate: { n, bad }, stable: { n: m, bad: events - bad } };
          mean += weight * Math.exp(oddsLogE(tick, w, w * above));
          all += weight;
        }
        near(mean / all, 1);
      },
    ),
  );
});

test("the interval of a mean has its published half-widths", () => {
  near(meanHalfWidth({ n: 1_000, variance: 1 }, 0.05), 0.10637547);
  near(meanBoundWidth({ n: 1_000, variance: 1 }, 0.05), 0.09968835);
});

test("the split of traffic has its published Bayes factor", () => {
  near(sampleRatioLogE([60, 63, 32], [0.4, 0.4, 0.2], [1, 1, 1]), -4.18381398);
});

test("a canary that loses a tenth of its requests is noticed, a full one is not", () => {
  const random = createRandom(3);
  const counts = (kept: number): readonly number[] => {
    const sums = [0, 0];
    for (let i = 0; i < 60_000; i++) {
      const isCandidate = random.next() < 0.05;
      if (isCandidate && random.next() >= kept) continue;
      const arm = isCandidate ? 0 : 1;
      sums[arm] = (sums[arm] ?? 0) + 1;
    }
    return sums;
  };
  assert.ok(sampleRatioLogE(counts(0.9), [0.05, 0.95]) > Math.log(1_000));
  assert.ok(sampleRatioLogE(counts(1), [0.05, 0.95]) < 0);
});

test("whether a mean's evidence reaches a bound is told as working the evidence out tells it", () => {
  fc.assert(
    fc.property(
      fc.double({ min: -12, max: 12, noNaN: true }),
      fc.integer({ min: 1, max: 10_000_000 }),
      fc.double({ min: 0.5, max: 20, noNaN: true }),
      (z, n, needed) => {
        assert.equal(meanReaches({ z, n }, needed), meanLogE({ z, n }) >= needed);
      },
    ),
    { numRuns: 2_000 },
  );
});
