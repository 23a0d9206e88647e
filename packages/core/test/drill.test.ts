// What a drill came to: only what was seen after its fault, and confirmed by somebody, counts as a way back that works.

import assert from "node:assert/strict";
import { test } from "node:test";
import { drillOutcome, type Phase } from "@slipway/core";

const LIMITS = { detectMsMax: 60_000, confirmMsMax: 30_000 };
const BEGUN = { rollout: "r-1", startedAtMs: 0, by: "ann", fault: "connect" } as const;

function rolledBack(decidedAtMs: number, confirmMs: number): Phase {
  return { kind: "rolled-back", from: 0, sinceMs: decidedAtMs + confirmMs, confirmMs, expired: [] };
}

test("a way back that was seen and confirmed in time passes, and one that took longer does not", () => {
  const drilling = { ...BEGUN, faultAtMs: 10_000 };
  const outcome = (decidedAtMs: number, confirmMs: number) =>
    drillOutcome(drilling, rolledBack(decidedAtMs, confirmMs), LIMITS, {
      members: 2,
      movedBy: null,
      brokenBy: null,
      horizonMs: 60_000,
    });
  const inTime = outcome(13_000, 400);
  assert.deepEqual([inTime.passed, inTime.detectMs, inTime.confirmMs], [true, 3_000, 400]);
  assert.equal(outcome(70_000, 400).passed, true);
  assert.equal(outcome(70_001, 400).passed, false);
  assert.equal(outcome(13_000, 30_001).passed, false);
});

test("what went back before the fault proves nothing", () => {
  const drilling = { ...BEGUN, faultAtMs: 10_000 };
  const { passed, because } = drillOutcome(drilling, rolledBack(9_000, 400), LIMITS, {
    members: 2,
    movedBy: null,
    brokenBy: null,
    horizonMs: 60_000,
  });
  assert.equal(passed, false);
  assert.match(because, /before its fault began/);
});

test("where no gateway worker is left, nobody has confirmed anything", () => {
  const drilling = { ...BEGUN, faultAtMs: 10_000 };
  const { passed, because } = drillOutcome(drilling, rolledBack(13_000, 0), LIMITS, {
    members: 0,
    movedBy: null,
    brokenBy: null,
    horizonMs: 60_000,
  });
  assert.equal(passed, false);
  assert.match(because, /no gateway worker/);
});

test("what hangs is seen no sooner than its horizon, and has that much longer to be seen", () => {
  const drilling = { ...BEGUN, fault: "hang", faultAtMs: 10_000 } as const;
  const end = { members: 2, movedBy: null, brokenBy: null, horizonMs: 60_000 };
  const at = (decidedAtMs: number) =>
    drillOutcome(drilling, rolledBack(decidedAtMs, 400), LIMITS, end);
  assert.equal(at(130_000).passed, true);
  assert.equal(at(130_001).passed, false);
  assert.match(
    at(130_000).because,
    /^requests without an answer: seen 2 min after the fault \(limit 2 min\)/,
  );
});
