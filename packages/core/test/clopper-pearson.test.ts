// The exact lower bound of a share, against values that are known.

import assert from "node:assert/strict";
import { test } from "node:test";
import { clopperPearsonLow } from "@slipway/core";

test("the lower bound is the exact one", () => {
  const near = (hits: number, tries: number, chance: number, bound: number): void => {
    const low = clopperPearsonLow(hits, tries, chance);
    assert.ok(Math.abs(low - bound) < 1e-6, `${hits} of ${tries}: ${low}`);
  };
  near(0, 10, 0.05, 0);
  near(60, 60, 0.025, 0.025 ** (1 / 60));
  near(1, 10, 0.05, 1 - 0.95 ** (1 / 10));
  // Table of Clopper and Pearson: 5 of 10 at 95% to both sides.
  near(5, 10, 0.025, 0.187_086_03);
});
