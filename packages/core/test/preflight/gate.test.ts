// How the outcomes of gates combine: a golden table.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type GateOutcome, type PreflightOutcome, preflightOutcome } from "@slipway/core";

const TABLE: readonly (readonly [readonly GateOutcome[], PreflightOutcome])[] = [
  [["pass"], "pass"],
  [["pass", "not-applicable"], "pass"],
  [["pass", "inconclusive"], "inconclusive"],
  [["inconclusive", "fail", "pass"], "fail"],
  [["not-applicable"], "inconclusive"],
  [[], "inconclusive"],
];

for (const [outcomes, whole] of TABLE) {
  test(`gates that say ${outcomes.join(", ") || "nothing"} make ${whole}`, () => {
    assert.equal(preflightOutcome(outcomes.map((outcome) => ({ outcome }))), whole);
  });
}
