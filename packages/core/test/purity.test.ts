// Core reads no clock and draws no number of its own: with both poisoned, whole rollouts still run.
import assert from "node:assert/strict";
import { test } from "node:test";
import { decide, emptyEvidence } from "@slipway/core";
import { rolloutIn } from "./rollout-fixture.ts";

test("decide works without a clock and without randomness", (t) => {
  const poison = (): never => {
    throw new Error("core reached outside itself");
  };
  t.mock.method(Date, "now", poison);
  t.mock.method(Math, "random", poison);
  t.mock.method(performance, "now", poison);
  const rollout = rolloutIn({ kind: "stage", stage: 0, sinceMs: 0, confirmedAtMs: 0 });
  assert.equal(decide({ rollout, evidence: emptyEvidence(1) }, 1_000).decision.kind, "hold");
});
