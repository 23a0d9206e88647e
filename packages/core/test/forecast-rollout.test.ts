// A forecast in a rollout: what it holds, what an operator and the policy may do about it, and its way to its score.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  apply,
  emptyEvidence,
  type Forecast,
  type ForecastPolicy,
  failedForecast,
  type Requirement,
  type Rollout,
  requirementsOf,
  stageAhead,
} from "@slipway/core";
import { ROLLOUT } from "./load-fixture.ts";

const UNKNOWN = failedForecast(ROLLOUT, 3, "no reason");
assert.ok(UNKNOWN !== null);
const made: Forecast = UNKNOWN;

function requirementIn(
  forecast: Partial<Forecast> | null,
  unknown: ForecastPolicy["unknown"] = "ask-at-risk",
): Requirement | undefined {
  const policy = { ...ROLLOUT.policy, forecast: { enabled: true, unknown } };
  const rollout: Rollout = {
    ...ROLLOUT,
    policy,
    forecast: forecast === null ? null : { ...made, ...forecast },
  };
  const all = requirementsOf(rollout, emptyEvidence(1), [], 0);
  return all.find(({ code }) => code === "forecast");
}

test("a stage is not left before the next one was forecast", () => {
  assert.equal(requirementIn(null)?.met, false);
  assert.equal(requirementIn({ verdict: "pass" })?.met, true);
  assert.equal(requirementIn({ verdict: "fail", text: "16 of 12" })?.met, false);
  assert.equal(requirementIn({ verdict: "fail", text: "16 of 12" })?.text, "16 of 12");
});

test("what cannot be told asks, goes on, or asks where there is a sign of harm, as the policy says", () => {
  const met = (unknown: ForecastPolicy["unknown"], risky: boolean): boolean | undefined =>
    requirementIn({ verdict: "unknown", risky }, unknown)?.met;
  assert.deepEqual([met("ask", false), met("ask", true)], [false, false]);
  assert.deepEqual([met("proceed", false), met("proceed", true)], [true, true]);
  assert.deepEqual([met("ask-at-risk", false), met("ask-at-risk", true)], [true, false]);
});

test("nothing is forecast where no stage with more users follows, or the policy wants none", () => {
  const last = ROLLOUT.policy.stages.length - 1;
  const phase = { kind: "stage" as const, stage: last, sinceMs: 0, confirmedAtMs: 0 };
  assert.equal(stageAhead({ ...ROLLOUT, phase }), null);
  const policy = { ...ROLLOUT.policy, forecast: { enabled: false, unknown: "ask" as const } };
  assert.equal(stageAhead({ ...ROLLOUT, policy }), null);
  assert.equal(stageAhead({ ...ROLLOUT, phase: { kind: "preflight", sinceMs: 0 } }), null);
});

test("a forecast waits from its stage's confirmation to its end for its score, and the next is made meanwhile", () => {
  const cause = { kind: "evidence" as const, because: { code: "requirements", text: "" } };
  let rollout = apply(ROLLOUT, { type: "forecasted", atMs: 10, forecast: made });
  assert.equal(rollout.forecast?.stage, 1);
  const move = { kind: "advance" as const, stage: 1 };
  rollout = apply(rollout, { type: "moved", atMs: 20, move, cause, table: 2, look: null });
  assert.equal(rollout.forecast, null);
  assert.deepEqual(rollout.foreseen, [{ forecast: made, fromMs: null, toMs: null }]);
  const confirmed = { members: 1, expired: [], confirmMs: 5 };
  rollout = apply(rollout, { type: "confirmed", atMs: 25, table: 2, ...confirmed });
  assert.equal(rollout.foreseen[0]?.fromMs, 25);
  const later = { ...made, stage: 2, percent: 100 };
  rollout = apply(rollout, { type: "forecasted", atMs: 30, forecast: later });
  const next = { kind: "advance" as const, stage: 2 };
  rollout = apply(rollout, { type: "moved", atMs: 40, move: next, cause, table: 3, look: null });
  assert.deepEqual(
    rollout.foreseen.map(({ forecast, fromMs, toMs }) => [forecast.stage, fromMs, toMs]),
    [
      [1, 25, 40],
      [2, null, null],
    ],
  );
  const score = { stage: 1, percent: 10, requests: 300, latency: [] };
  rollout = apply(rollout, { type: "forecast-scored", atMs: 50, score });
  assert.deepEqual(
    rollout.foreseen.map(({ forecast }) => forecast.stage),
    [2],
  );
});

test("an operator who goes back takes the forecast with him", () => {
  const cause = {
    kind: "operator" as const,
    by: "ann",
    command: "pause",
    because: { code: "operator", text: "lunch" },
  };
  const forecasted = apply(ROLLOUT, { type: "forecasted", atMs: 10, forecast: made });
  const move = { kind: "pause" as const };
  const paused = apply(forecasted, { type: "moved", atMs: 20, move, cause, table: 1, look: null });
  assert.equal(paused.forecast, null);
});
