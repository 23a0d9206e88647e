// Tests over pairs of answers to the same items, held to published values and to error rates that are added up exactly.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  bootstrapMean,
  createRandom,
  familiesOf,
  holmAdjusted,
  mcnemarTwoSided,
  mcnemarWorse,
  normalBelow,
  normalQuantile,
  pairedItemsNeeded,
  pairedMarginShown,
  tangoInterval,
  tangoScore,
} from "@slipway/core";

/** 5% to one side. */
const Z = 1.644_853_627;

function near(actual: number, expected: number, within: number): void {
  assert.ok(
    Math.abs(actual - expected) <= within,
    `${actual} is not within ${within} of ${expected}`,
  );
}

test("McNemar's exact chance is that of a fair coin", () => {
  near(mcnemarTwoSided({ wins: 15, losses: 5 }), 0.041_389, 1e-6);
  near(mcnemarTwoSided({ wins: 10, losses: 2 }), 0.038_574, 1e-6);
  near(mcnemarTwoSided({ wins: 30, losses: 12 }), 0.007_915_9, 1e-7);
  near(mcnemarTwoSided({ wins: 0, losses: 6 }), 0.031_25, 1e-9);
  near(mcnemarWorse({ wins: 0, losses: 6 }), 0.015_625, 1e-9);
  assert.equal(mcnemarTwoSided({ wins: 0, losses: 0 }), 1);
  assert.equal(mcnemarWorse({ wins: 0, losses: 0 }), 1);
});

test("the normal quantile undoes the normal distribution", () => {
  near(normalQuantile(0.975), 1.959_963_985, 1e-6);
  near(normalQuantile(0.1), -1.281_551_566, 1e-6);
  near(normalQuantile(1e-9), -5.997_807_015, 2e-6);
  near(normalQuantile(1e-13), -7.348_796_103, 1e-5);
  for (const z of [-3, -1, -0.2, 0, 0.7, 2.4]) near(normalQuantile(normalBelow(z)), z, 5e-5);
});

test("Tango's interval is the published one, and McNemar's z where no difference is claimed", () => {
  // Fagerland, Lydersen and Laake 2014, airway hyper-responsiveness: (1, 7) of 21.
  const published = tangoInterval({ wins: 1, losses: 7 }, 21, 1.959_964);
  near(published.low, -0.517, 5e-4);
  near(published.high, -0.026, 5e-4);
  near(tangoScore({ wins: 12, losses: 2 }, 44, 0), 10 / Math.sqrt(14), 1e-9);
});

test("two versions that never differ are told equal within what the number of items can tell", () => {
  const bound = Z ** 2 / (100 + Z ** 2);
  const { low, high } = tangoInterval({ wins: 0, losses: 0 }, 100, Z);
  near(low, -bound, 1e-9);
  near(high, bound, 1e-9);
  assert.deepEqual(tangoInterval({ wins: 0, losses: 0 }, 0, Z), { low: -1, high: 1 });
});

test("a candidate that is worse by just the margin is accepted with the stated chance of 5%", () => {
  const cases = [
    [100, 0.1, 0.05],
    [200, 0.1, 0.05],
    [200, 0.2, 0.05],
    [400, 0.1, 0.02],
  ] as const;
  for (const [items, discordance, margin] of cases) {
    near(falseAccept(items, discordance, margin), 0.0485, 0.004);
  }
});

const LOG_FACTORIALS = [0];
for (let n = 1; n <= 400; n++) LOG_FACTORIALS.push((LOG_FACTORIALS[n - 1] ?? 0) + Math.log(n));

function logFactorial(n: number): number {
  return LOG_FACTORIALS[n] ?? Number.NaN;
}

/** Added up over all that can come of so many items, where the candidate is worse by the margin. */
function falseAccept(items: number, discordance: number, margin: number): number {
  const [win, loss] = [(discordance - margin) / 2, (discordance + margin) / 2];
  let accepted = 0;
  for (let wins = 0; wins <= items; wins++) {
    for (let losses = 0; wins + losses <= items; losses++) {
      if (tangoScore({ wins, losses }, items, -margin) <= Z) continue;
      const same = items - wins - losses;
      accepted += Math.exp(
        logFactorial(items) -
          logFactorial(wins) -
          logFactorial(losses) -
          logFactorial(same) +
          wins * Math.log(win) +
          losses * Math.log(loss) +
          same * Math.log(1 - discordance),
      );
    }
  }
  return accepted;
}

test("items needed and the margin they show are one rule", () => {
  const design = { alpha: 0.05, power: 0.9, discordance: 0.1 };
  assert.equal(pairedItemsNeeded(design, 0.02), 2141);
  near(pairedMarginShown(design, 2141), 0.02, 1e-5);
});

test("Holm's chances grow by how many are left, and never fall", () => {
  const adjusted = holmAdjusted([0.01, 0.04, 0.03, 0.005]);
  [0.03, 0.06, 0.06, 0.02].forEach((expected, index) => {
    near(adjusted[index] ?? Number.NaN, expected, 1e-12);
  });
  assert.deepEqual(holmAdjusted([]), []);
  assert.deepEqual(holmAdjusted([0.7, 0.9]), [1, 1]);
});

test("a bootstrap over families holds its level where a family's items stand or fall together", () => {
  const random = createRandom(11);
  const worlds = 300;
  let [byFamily, byItem] = [0, 0];
  for (let world = 0; world < worlds; world++) {
    const items = Array.from({ length: 40 }, (_, family) => {
      const shared = (random.next() - 0.5) * 2;
      return Array.from({ length: 5 }, () => ({
        family: `f${family}`,
        difference: shared + (random.next() - 0.5) / 2,
      }));
    }).flat();
    const together = bootstrapMean(familiesOf(items), 0.05, 400, random);
    const apart = familiesOf(items.map(({ difference }) => ({ family: null, difference })));
    const alone = bootstrapMean(apart, 0.05, 400, random);
    if (together !== null && together.low > 0) byFamily++;
    if (alone !== null && alone.low > 0) byItem++;
  }
  assert.ok(byFamily / worlds < 0.1, `${byFamily} of ${worlds} false, of 5%`);
  assert.ok(byItem / worlds > 0.15, `as if independent: only ${byItem} of ${worlds}`);
});

test("a bootstrap is had again from its seed, and says nothing of fewer than two families", () => {
  const families = familiesOf(
    [3, 1, 4, 1, 5, 9, 2, 6].map((difference) => ({ family: null, difference })),
  );
  const once = bootstrapMean(families, 0.05, 2000, createRandom(1));
  assert.deepEqual(bootstrapMean(families, 0.05, 2000, createRandom(1)), once);
  assert.equal(once?.mean, 3.875);
  assert.ok(once.low > 2 && once.low < once.mean && once.high > once.mean && once.high < 6.5);
  assert.equal(bootstrapMean(families.slice(0, 1), 0.05, 100, createRandom(1)), null);
});

test("a skewed sample moves both ends of its interval towards the long tail", () => {
  const values = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 3, 10];
  const families = familiesOf(values.map((difference) => ({ family: null, difference })));
  const interval = bootstrapMean(families, 0.05, 20_000, createRandom(3));
  assert.ok(interval !== null);
  assert.ok(interval.high - interval.mean > 1.3 * (interval.mean - interval.low));
});
