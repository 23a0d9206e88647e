// How often a candidate with as much harm as a stage's margin would be let pass, where a sixth of the users has all the
// failures, and how often a healthy one would seem to be harmful. Alarms end nothing here.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Finding } from "@slipway/core";
import { crowdFindings, crowdRollout, type HeavyUser } from "./crowd-world.ts";

const ROLLOUTS = 100;
/** As long as a stage lasts before it asks. */
const TICKS = 120;

type Harm = (stableRate: number) => number;

/** Of rollouts with 5, 25 and 50% on the candidate, whose only guard is that of errors. */
function passes(stage: number, users: number, base: number, harm: Harm, heavy?: HeavyUser): number {
  const rollout = crowdRollout(stage);
  const rates = { stable: base, candidate: harm(base) };
  return count(
    (seed) =>
      crowdFindings(rollout, users, rates, {
        seed,
        ticks: TICKS,
        ...(heavy === undefined ? {} : { heavy }),
      }),
    ({ going }) => going.logE >= going.logNeeded,
  );
}

/** In how many rollouts evidence that the candidate fails more often would reach 20 within two hours, at 5%. */
function alarms(users: number, rate: number): number {
  const rollout = crowdRollout(0);
  const rates = { stable: rate, candidate: rate };
  return count(
    (seed) => crowdFindings(rollout, users, rates, { seed, ticks: TICKS / 2 }),
    ({ logE }) => logE >= Math.log(20),
  );
}

function count(
  findingsOf: (seed: number) => Iterable<Finding>,
  isFound: (finding: Finding) => boolean,
): number {
  let found = 0;
  for (let seed = 1; seed <= ROLLOUTS; seed++) {
    for (const finding of findingsOf(seed)) {
      if (!isFound(finding)) continue;
      found++;
      break;
    }
  }
  return found;
}

const AT_MOST = 0.05 * ROLLOUTS;

test("a candidate that fails twice as often passes the first stage in at most one of twenty rollouts", () => {
  const passed = passes(0, 10_000, 0.01, (rate) => 2 * rate);
  assert.ok(passed <= AT_MOST, `${passed} of ${ROLLOUTS} passed`);
});

test("a candidate of whose requests half a percent more fail passes later stages in at most one of twenty", () => {
  for (const stage of [1, 2]) {
    const passed = passes(stage, 10_000, 0.01, (rate) => rate + 0.005);
    assert.ok(passed <= AT_MOST, `${passed} of ${ROLLOUTS} passed stage ${stage}`);
  }
});

test("where failures are rare, half a percent more passes the first stage in at most one of twenty", () => {
  const passed = passes(0, 10_000, 0.001, (rate) => rate + 0.005);
  assert.ok(passed <= AT_MOST, `${passed} of ${ROLLOUTS} passed`);
});

test("a healthy candidate of the same users passes the stage of 50% in nineteen of twenty rollouts", () => {
  const passed = passes(2, 10_000, 0.01, (rate) => rate);
  assert.ok(passed >= 0.95 * ROLLOUTS, `${passed} of ${ROLLOUTS} passed`);
});

test("evidence against a healthy candidate reaches 20 in at most one of twenty rollouts, however few the users", () => {
  for (const users of [500, 3_000]) {
    const alarmed = alarms(users, 0.01);
    assert.ok(alarmed <= AT_MOST, `${alarmed} of ${ROLLOUTS} with ${users} users`);
  }
});

/** For whom both versions are alike. */
const HEAVY: HeavyUser = { share: 0.05, rates: { stable: 0.01, candidate: 0.01 } };

test("with a heavy user, what is twice as bad for all others passes the first stage in at most one of twenty", () => {
  const passed = passes(0, 10_000, 0.01, (rate) => 2 * rate, HEAVY);
  assert.ok(passed <= AT_MOST, `${passed} of ${ROLLOUTS} passed`);
});

test("with a heavy user, half a percent more for all others passes the stage of 50% in at most one of twenty", () => {
  const passed = passes(2, 10_000, 0.01, (rate) => rate + 0.005, HEAVY);
  assert.ok(passed <= AT_MOST, `${passed} of ${ROLLOUTS} passed`);
});

test("with a heavy user, a healthy candidate passes the first stage in nine of ten rollouts", () => {
  const passed = passes(0, 10_000, 0.01, (rate) => rate, HEAVY);
  assert.ok(passed >= 0.9 * ROLLOUTS, `${passed} of ${ROLLOUTS} passed`);
});
