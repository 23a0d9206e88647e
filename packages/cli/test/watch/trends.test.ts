// What `rollout watch` and `rollout explain` show of growth, and of who is missing.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { SplitFinding, TrendVerdict } from "@slipway/core";
import { renderWatch, trendText, whoText } from "slipway";
import { base, START_MS } from "./views.ts";

const waiting: TrendVerdict = {
  trend: "ttft",
  metric: "ttft",
  action: "block",
  status: "wait",
  look: null,
  nextLookMs: null,
  text: "nothing measured yet",
};
const failing: TrendVerdict = {
  ...waiting,
  trend: "client-memory",
  metric: "client-memory",
  status: "fail",
  text: "client memory grows by 31 MiB an hour more than stable's",
  look: {
    atMs: START_MS,
    lengthMs: 14_400_000,
    points: 12,
    against: "stable",
    z: 4.4,
    slope: 31,
    low: 24,
    high: 38,
    logChance: -12,
    logNeeded: -8,
    seen: 6,
    current: 800,
    limit: 4_096,
    exhaustionMs: 312_000_000,
    isBroken: true,
  },
};

const SPLIT: SplitFinding = {
  wanted: 0.05,
  spread: 2.44,
  tests: [
    { of: "requests", candidate: 4_500, stable: 95_000, share: 0.0452, logE: 9, isOff: true },
    { of: "users", candidate: 50, stable: 950, share: 0.05, logE: -2, isOff: false },
  ],
  isOff: true,
  text: "the candidate lacks requests",
};

test("trends that have been looked at have a section, the others have none", () => {
  const frame = { width: 120, colour: false, nowMs: START_MS };
  assert.doesNotMatch(renderWatch({ ...base, trends: [waiting] }, frame).join("\n"), /TRENDS/);
  const both = renderWatch({ ...base, trends: [waiting, failing] }, frame).join("\n");
  assert.match(both, /TRENDS\n {2}✗ client-memory {2}client memory grows by 31 MiB an hour/);
  assert.doesNotMatch(both, /ttft {2}/);
});

test("an explanation says who is judged: counts, shares, evidence, and what the mix differs by", () => {
  const mix = {
    dimension: "language",
    index: 0.61,
    chance: 1e-9,
    isOff: true,
    missing: [{ value: "rust", candidate: 0, stable: 0.1 }],
    told: [{ value: "go", candidate: 0.75, stable: 0.4 }],
    errors: { raw: 0.02, reweighted: 0.0485 },
  };
  const representation = { dimensions: [mix], isOff: true, text: "" };
  assert.equal(
    whoText({ split: SPLIT, representation }).join(""),
    `
who is judged
  ✗ requests: 4,500 and 95,000, 4.52% where the stage says 5%; evidence against it 8103 of 1000
  ✓ users: 50 and 950, 5% where the stage says 5%; evidence against it 0.14 of 1000
      users send unevenly: requests count as 1 in 2.4
  ✗ language: stability index 0.61 (by chance below 0.01%); without rust 0% against 10%; most different: go 75% against 40%; with everybody's mix 4.85% of its requests would fail, not 2%
`,
  );
  assert.deepEqual(whoText({ split: null, representation }), []);
  assert.match(trendText(failing), /^ {2}✗ client-memory \(block\): client memory grows/);
});
