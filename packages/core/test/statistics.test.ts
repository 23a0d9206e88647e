// The tests of sequential statistics against published and enumerated values, and the laws that e-values obey.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  attributed,
  DIFFERENCE_FACTORS,
  differenceLogE,
  hybridLogE,
  logMean,
  logSum,
  medianDelayMinutes,
  newStakes,
  nextStakes,
  ODDS_ABOVE,
  ODDS_LOG_WEIGHTS,
  overdispersion,
  overdispersionUpper,
  RATIO_LOG_WEIGHTS,
  RATIOS_ABOVE,
  rateLogE,
  rateUpper,
  ratioLogE,
  stakesLogE,
  type TwoArms,
} from "@slipway/core";
import fc from "fast-check";

function arms(bad: number, n: number, stableBad: number, stableN: number): TwoArms {
  return { candidate: { n, bad }, stable: { n: stableN, bad: stableBad } };
}

function near(actual: number, expected: number, digits = 1e-8): void {
  assert.ok(Math.abs(actual - expected) < digits, `${actual} is not ${expected}`);
}

function binomial(n: number, p: number): readonly number[] {
  let choose = 1;
  return Array.from({ length: n + 1 }, (_, k) => {
    const probability = choose * p ** k * (1 - p) ** (n - k);
    choose = (choose * (n - k)) / (k + 1);
    return probability;
  });
}

test("RatioE has its reference values", () => {
  const tick = arms(3, 50, 9, 950);
  near(ratioLogE(tick, 1, 3), 2.15211470835);
  near(ratioLogE(tick, 2, 4), 0.9877802);
  near(ratioLogE(tick, 2, 1), -1.49395957);
});

test("a mixture over ticks has its reference values", () => {
  const sums = RATIOS_ABOVE.map(() => 0);
  const ticks = [arms(1, 50, 9, 950), arms(3, 52, 10, 948), arms(2, 47, 8, 953)];
  const expected = [-0.198180827, 1.51945215, 2.773669036];
  for (const [index, tick] of ticks.entries()) {
    RATIOS_ABOVE.forEach((ratio, k) => {
      sums[k] = (sums[k] ?? 0) + ratioLogE(tick, 1, ratio);
    });
    near(logMean(sums), expected[index] ?? 0);
  }
});

test("a tick in which an arm is empty says nothing", () => {
  assert.equal(ratioLogE(arms(0, 0, 3, 100), 1, 3), 0);
  assert.equal(ratioLogE(arms(3, 100, 0, 0), 1, 3), 0);
});

test("at the null RatioE is worth at most 1 on average, in both directions, by enumeration", () => {
  const counts = fc.integer({ min: 1, max: 8 });
  const tested = fc.constantFrom(0.5, 1, 1.5, 2);
  const factor = fc.constantFrom(0.1, 0.5, 0.8, 1.25, 2, 10);
  const rate = fc.double({ min: 0, max: 0.5, noNaN: true });
  fc.assert(
    fc.property(counts, counts, tested, factor, rate, (n, stableN, ratio, multiple, stableRate) => {
      const candidate = binomial(n, ratio * stableRate);
      const stable = binomial(stableN, stableRate);
      let mean = 0;
      for (const [bad, pc] of candidate.entries()) {
        for (const [stableBad, ps] of stable.entries()) {
          const tick = arms(bad, n, stableBad, stableN);
          mean += pc * ps * Math.exp(ratioLogE(tick, ratio, ratio * multiple));
        }
      }
      assert.ok(mean <= 1 + 1e-9, `E[e] = ${mean}`);
    }),
  );
});

test("at the null the rate's e-value is worth at most 1 on average, by enumeration", () => {
  const n = fc.integer({ min: 1, max: 20 });
  const rate = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(n, rate, fc.constantFrom(0.1, 0.5, 2, 10), (size, p, factor) => {
      const mean = binomial(size, p).reduce(
        (sum, probability, bad) =>
          sum + probability * Math.exp(rateLogE({ n: size, bad }, p, factor)),
        0,
      );
      assert.ok(mean <= 1 + 1e-9, `E[e] = ${mean}`);
    }),
  );
});

test("where the candidate is worse by the difference, its e-value is worth at most 1 on average, by enumeration", () => {
  const counts = fc.integer({ min: 1, max: 8 });
  const factor = fc.constantFrom(...DIFFERENCE_FACTORS);
  const rate = fc.double({ min: 0, max: 0.5, noNaN: true });
  fc.assert(
    fc.property(counts, counts, factor, rate, rate, (n, stableN, u, difference, stableRate) => {
      let mean = 0;
      for (const [bad, pc] of binomial(n, stableRate + difference).entries()) {
        for (const [stableBad, ps] of binomial(stableN, stableRate).entries()) {
          const tick = arms(bad, n, stableBad, stableN);
          mean += pc * ps * Math.exp(differenceLogE(tick, difference, u));
        }
      }
      assert.ok(mean <= 1 + 1e-9, `E[e] = ${mean}`);
    }),
  );
});

const someTick = fc
  .tuple(fc.nat(50), fc.nat(50), fc.nat(500), fc.nat(500))
  .map(([bad, good, stableBad, stableGood]) =>
    arms(bad, bad + good, stableBad, stableBad + stableGood),
  );

test("another bad request of the candidate never lowers the evidence of harm", () => {
  fc.assert(
    fc.property(someTick, fc.constantFrom(...RATIOS_ABOVE), (tick, ratio) => {
      fc.pre(tick.candidate.bad < tick.candidate.n);
      const worse = { ...tick, candidate: { n: tick.candidate.n, bad: tick.candidate.bad + 1 } };
      assert.ok(ratioLogE(worse, 1, ratio) >= ratioLogE(tick, 1, ratio));
      assert.ok(ratioLogE(worse, 2, 1) <= ratioLogE(tick, 2, 1));
    }),
  );
});

test("what stable fails at the same time speaks for the candidate, and without stable its own rate does", () => {
  fc.assert(
    fc.property(someTick, fc.constantFrom(...DIFFERENCE_FACTORS), (tick, factor) => {
      fc.pre(tick.stable.n > 0);
      const alone = { ...tick, stable: { n: 0, bad: 0 } };
      near(differenceLogE(alone, 0.005, factor), rateLogE(tick.candidate, 0.005, factor));
      assert.ok(differenceLogE(tick, 0.005, factor) >= differenceLogE(alone, 0.005, factor));
    }),
  );
});

test("the parts that alternatives get are one stake, whichever test is chosen", () => {
  for (const [ratios, logWeights] of [
    [RATIOS_ABOVE, RATIO_LOG_WEIGHTS],
    [ODDS_ABOVE, ODDS_LOG_WEIGHTS],
  ] as const) {
    assert.equal(logWeights.length, ratios.length);
    near(logSum(logWeights), 0, 1e-12);
  }
});

test("a test that restarts starts at 1, stays there without evidence, and forgets nothing it has not bet", () => {
  let stakes: readonly number[] = newStakes(8, 0, 100);
  near(stakesLogE(stakes, RATIO_LOG_WEIGHTS, 0, 100), 0);
  const nothing = new Array<number>(8).fill(0);
  for (let tick = 0; tick < 250; tick++) {
    stakes = nextStakes(stakes, nothing, tick, 100);
    near(stakesLogE(stakes, RATIO_LOG_WEIGHTS, tick + 1, 100), 0);
  }
});

test("a test that sleeps through ticks that say nothing is where one that looks at each of them is", () => {
  const telling = RATIOS_ABOVE.map((ratio) => ratioLogE(arms(2, 50, 10, 950), 1, ratio));
  const nothing = telling.map(() => 0);
  fc.assert(
    fc.property(fc.array(fc.nat(40), { maxLength: 8 }), (gaps) => {
      let awake: readonly number[] = newStakes(8, 0, 100);
      let asleep: readonly number[] = awake;
      let [ticks, since] = [0, 0];
      const worth = (stakes: readonly number[], after: number): number =>
        stakesLogE(stakes, RATIO_LOG_WEIGHTS, after, 100);
      for (const gap of gaps) {
        for (let i = 0; i < gap; i++) awake = nextStakes(awake, nothing, ticks++, 100);
        near(worth(asleep, since), worth(awake, ticks));
        awake = nextStakes(awake, telling, ticks, 100);
        asleep = nextStakes(asleep, telling, ticks, 100, { since });
        ticks++;
        since = ticks;
        near(worth(asleep, since), worth(awake, ticks));
      }
    }),
  );
});

test("a test that restarts finds a late regression earlier than one that does not", () => {
  const good = arms(0, 50, 10, 950);
  const bad = arms(2, 50, 10, 950);
  const logsOf = (tick: TwoArms): number[] =>
    RATIOS_ABOVE.map((ratio) => ratioLogE(tick, 1, ratio));
  let stakes: readonly number[] = newStakes(8, 0, 1_000);
  const sums = logsOf(good).map(() => 0);
  for (let tick = 0; tick < 120; tick++) {
    const logs = logsOf(tick < 100 ? good : bad);
    stakes = nextStakes(stakes, logs, tick, 1_000);
    for (const [k, log] of logs.entries()) sums[k] = (sums[k] ?? 0) + log;
  }
  assert.ok(stakesLogE(stakes, RATIO_LOG_WEIGHTS, 120, 1_000) > logMean(sums) + 5);
});

test("a regression that comes long after the planned ticks is still found", () => {
  const good = arms(0, 50, 10, 950);
  const bad = arms(2, 50, 10, 950);
  let stakes: readonly number[] = newStakes(8, 0, 1_000);
  const step = (tick: number, counts: TwoArms): void => {
    const logs = RATIOS_ABOVE.map((ratio) => ratioLogE(counts, 1, ratio));
    stakes = nextStakes(stakes, logs, tick, 1_000);
  };
  for (let tick = 0; tick < 5_000; tick++) step(tick, good);
  assert.ok(stakesLogE(stakes, RATIO_LOG_WEIGHTS, 5_000, 1_000) < 0);
  for (let tick = 5_000; tick < 5_040; tick++) step(tick, bad);
  assert.ok(stakesLogE(stakes, RATIO_LOG_WEIGHTS, 5_040, 1_000) > Math.log(200));
});

test("merging segments does not depend on their order, and one alone is the pooled test", () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: -50, max: 50, noNaN: true })), (logs) => {
      near(hybridLogE(1, logs), hybridLogE(1, logs.toReversed()), 1e-9);
    }),
  );
  assert.equal(hybridLogE(3, [3]), 3);
  near(hybridLogE(Math.log(2), [Math.log(4), Math.log(8)]), Math.log(4));
});

test("e-BH names the three of eight that the reference names", () => {
  const logE = [120, 45, 30, 8, 2, 1, 0.5, 0.1].map(Math.log);
  assert.deepEqual(attributed(logE, 0.1), [0, 1, 2]);
  assert.deepEqual(attributed(logE, 1e-6), []);
});

test("users who fail together weaken the evidence, independent failures do not", () => {
  const arrivals = new Array<number>(20).fill(1_000);
  const even = arrivals.map((_, bucket) => 10 + (bucket % 3));
  const heavy = arrivals.map((_, bucket) => (bucket === 7 ? 100 : 8));
  assert.equal(overdispersion({ arrivals, bad: even }), 1);
  assert.equal(overdispersionUpper({ arrivals, bad: even }), 1);
  assert.ok(overdispersion({ arrivals, bad: heavy }) > 10);
  assert.equal(overdispersion({ arrivals, bad: arrivals.map(() => 0) }), 1);
});

test("what may be users who differ weakens the evidence for going on, before it weakens an alarm", () => {
  const arrivals = new Array<number>(20).fill(1_000);
  const uneven = { arrivals, bad: arrivals.map((_, bucket) => (bucket % 2 === 0 ? 7 : 13)) };
  assert.equal(overdispersion(uneven), 1);
  assert.ok(overdispersionUpper(uneven) > 1.5);
});

test("failures of users who send several requests weaken an alarm a little, even where their spread could be chance", () => {
  const bad = Array.from({ length: 20 }, (_, bucket) => (bucket % 2 === 0 ? 7 : 13));
  const alike = new Array<number>(20).fill(1_000);
  const several = alike.map((_, bucket) => (bucket % 3 === 0 ? 1_200 : 900));
  assert.equal(overdispersion({ arrivals: alike, bad }), 1);
  const temper = overdispersion({ arrivals: several, bad });
  assert.ok(temper > 1 && temper < overdispersionUpper({ arrivals: several, bad }), `${temper}`);
});

test("evidence that is divided by what users differ by is still worth at most 1 on average, by enumeration", () => {
  const of = { candidate: binomial(20, 0.1), stable: binomial(60, 0.1) };
  for (const temper of [1, 1.4, 3]) {
    let mean = 0;
    for (const [bad, chance] of of.candidate.entries()) {
      for (const [stableBad, stableChance] of of.stable.entries()) {
        const logE = ratioLogE(arms(bad, 20, stableBad, 60), 1, 3) / temper;
        mean += chance * stableChance * Math.exp(logE);
      }
    }
    assert.ok(mean <= 1 + 1e-12, `${mean} where it is divided by ${temper}`);
  }
});

test("the delay of a regression is planned as the reference plans it", () => {
  const plan = {
    candidatePerMinute: 50,
    stablePerMinute: 950,
    baseRate: 0.01,
    ratio: 2,
    alpha: 0.01,
  };
  assert.equal(Math.round(medianDelayMinutes(plan) * 10) / 10, 33.8);
  const language = {
    candidatePerMinute: 0.25,
    stablePerMinute: 4.75,
    baseRate: 0.05,
    ratio: 3,
    alpha: 0.01,
  };
  assert.equal(Math.round(medianDelayMinutes(language)), 407);
  assert.equal(medianDelayMinutes({ ...plan, ratio: 1 }), Number.POSITIVE_INFINITY);
});

test("a rate's upper bound lies above the rate, closer with more requests, and above zero for none bad", () => {
  assert.ok(rateUpper({ n: 1_000, bad: 0 }) > 0);
  const few = rateUpper({ n: 1_000, bad: 10 });
  const many = rateUpper({ n: 100_000, bad: 1_000 });
  assert.ok(0.01 < many && many < 0.011 && many < few && few < 0.025);
});
