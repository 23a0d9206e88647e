// Few users who send much, of whom one in six has all the failures: when an alarm is theirs, and when the version's.
import assert from "node:assert/strict";
import { test } from "node:test";
import { crowdFindings, crowdRollout, type Rates } from "./crowd-world.ts";

const USERS = 500;
const HEALTHY: Rates = { stable: 0.01, candidate: 0.01 };
const EIGHT_HOURS = 240;
const MINUTES_A_TICK = 2;

type Ended = { readonly alarmed: boolean; readonly backAt: number | null };

/** What would become of one rollout at 5%; `lateTicks`: from when on the candidate is as bad as `rates` say. */
function ended(users: number, rates: Rates, seed: number, lateTicks = 0): Ended {
  let alarmed = false;
  let tick = 0;
  const ratesAt = (at: number): Rates => (at < lateTicks ? HEALTHY : rates);
  const findings = crowdFindings(crowdRollout(0), users, ratesAt, { seed, ticks: EIGHT_HOURS });
  for (const { logE, logNeeded, byFewUsers } of findings) {
    tick++;
    if (logE < logNeeded) continue;
    alarmed = true;
    if (!byFewUsers) return { alarmed, backAt: tick * MINUTES_A_TICK };
  }
  return { alarmed, backAt: null };
}

function all(users: number, rates: Rates, seeds: number, lateTicks = 0): readonly Ended[] {
  return Array.from({ length: seeds }, (_, index) => ended(users, rates, index + 1, lateTicks));
}

function backIn(rollouts: readonly Ended[]): number {
  return rollouts.filter(({ backAt }) => backAt !== null).length;
}

test("hours of the same users' luck take no healthy version back: seeds in which they alarm", () => {
  for (const seed of [68, 93, 177, 209]) {
    assert.deepEqual(ended(USERS, HEALTHY, seed), { alarmed: true, backAt: null }, `seed ${seed}`);
  }
});

test("five times as many failures for all of few users take it back wherever they alarm, and most within ten minutes", () => {
  const rollouts = all(USERS, { stable: 0.01, candidate: 0.05 }, 60);
  const alarmed = rollouts.filter((one) => one.alarmed).length;
  assert.ok(alarmed >= 48, `${alarmed} alarmed`);
  assert.ok(backIn(rollouts) >= 0.95 * alarmed, `${backIn(rollouts)} of ${alarmed}`);
  const soon = rollouts.filter(({ backAt }) => backAt !== null && backAt <= 10).length;
  assert.ok(soon >= 30, `${soon} within ten minutes`);
});

test("what begins after two hours still takes it back, though those hours count too", () => {
  const late = 60;
  const rollouts = all(USERS, { stable: 0.01, candidate: 0.08 }, 40, late);
  const found = rollouts.filter(({ backAt }) => backAt !== null && backAt > late * MINUTES_A_TICK);
  assert.ok(found.length >= 30, `${found.length} of 40`);
});

test("of many users every alarm takes the version back", () => {
  const rollouts = all(10_000, { stable: 0.01, candidate: 0.03 }, 20);
  assert.equal(backIn(rollouts), rollouts.filter(({ alarmed }) => alarmed).length);
  assert.equal(backIn(rollouts), 20);
});
