// Ratios of sums over the same items, and how often their intervals have the true ratio in them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRandom, ratioOfSums } from "@slipway/core";

test("the interval has the true ratio in it as often as it says", () => {
  const random = createRandom(7);
  let held = 0;
  const rounds = 1_000;
  for (let round = 0; round < rounds; round++) {
    const items = Array.from({ length: 60 }, () => {
      const stable = 100 + 400 * random.next();
      return { stable, candidate: stable * (1.2 + 0.4 * (random.next() - 0.5)) };
    });
    const [low = 0, high = 0] = ratioOfSums(items)?.interval ?? [];
    if (low <= 1.2 && 1.2 <= high) held++;
  }
  assert.ok(held / rounds > 0.925 && held / rounds < 0.975, String(held / rounds));
});

test("a ratio needs something to be a ratio of", () => {
  assert.equal(ratioOfSums([]), null);
  assert.equal(ratioOfSums([{ stable: 0, candidate: 4 }]), null);
  assert.deepEqual(ratioOfSums([{ stable: 4, candidate: 5 }]), { ratio: 1.25, interval: null });
});
