// Assignment: sticky, fair, and monotonic while a rollout grows.
import assert from "node:assert/strict";
import { test } from "node:test";
import { SLOTS, slotOf, slotsOfPercent } from "@slipway/core";
import fc from "fast-check";

test("a user on the candidate stays there while the share grows", () => {
  const share = fc.double({ min: 0.01, max: 100, noNaN: true });
  fc.assert(
    fc.property(fc.string(), fc.string(), share, share, (rolloutId, key, a, b) => {
      const slot = slotOf(rolloutId, key);
      const [small, large] = [Math.min(a, b), Math.max(a, b)];
      assert.ok(slot >= 0 && slot < SLOTS);
      if (slot < slotsOfPercent(small)) assert.ok(slot < slotsOfPercent(large));
    }),
  );
});

test("users spread evenly over the slots", () => {
  const bins = new Array<number>(20).fill(0);
  const users = 20_000;
  for (let i = 0; i < users; i++) {
    const bin = Math.floor((slotOf("r-1", `user-${i}`) * 20) / SLOTS);
    bins[bin] = (bins[bin] ?? 0) + 1;
  }
  const expected = users / 20;
  const chiSquare = bins.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
  // 99.9% point of chi-square with 19 degrees of freedom.
  assert.ok(chiSquare < 43.82, `chi-square ${chiSquare}`);
});

test("another rollout picks other users first", () => {
  const first = (rollout: string): string[] =>
    Array.from({ length: 2000 }, (_, i) => `u${i}`).filter((key) => slotOf(rollout, key) < 500);
  const both = first("r-1").filter((key) => first("r-2").includes(key));
  assert.ok(both.length < 20, `${both.length} of about 100 users are early in both`);
});

test("a share above zero owns at least one slot, 100% owns all, and nothing owns none", () => {
  assert.equal(slotsOfPercent(0), 0);
  assert.equal(slotsOfPercent(0.0001), 1);
  assert.equal(slotsOfPercent(5), 500);
  assert.equal(slotsOfPercent(100), SLOTS);
});
