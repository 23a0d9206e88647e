// How often a candidate with as much harm as a stage's margin would be let pass, where a sixth of the users has all the
// failures: drawn on counts, with the users of a bucket in one arm for good. Alarms are left out, which would end most.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  absorb,
  candidateSlotsOf,
  createRandom,
  decide,
  type Evidence,
  type EvidenceRow,
  emptyEvidence,
  emptyRow,
  KEY_BUCKETS,
  type Phase,
  poisson,
  type Random,
  type Rollout,
  type ServingArm,
  SLOTS,
} from "@slipway/core";
import { ERRORS, POLICY, rolloutIn } from "./rollout-fixture.ts";

const PER_MINUTE = 1_000;
const TROUBLED_ONE_IN = 6;
const ROLLOUTS = 100;
const TICK_MS = 120_000;
/** As long as a stage lasts before it asks. */
const TICKS = 120;

type Crowd = { readonly users: Float64Array; readonly troubled: Float64Array };
type Harm = (stableRate: number) => number;

function crowdsOf(users: number, share: number, random: Random): Record<ServingArm, Crowd> {
  const crowd = (): Crowd => ({
    users: new Float64Array(KEY_BUCKETS),
    troubled: new Float64Array(KEY_BUCKETS),
  });
  const crowds = { candidate: crowd(), stable: crowd() };
  for (let user = 0; user < users; user++) {
    const own = random.next() < share ? crowds.candidate : crowds.stable;
    const bucket = Math.floor(random.next() * KEY_BUCKETS);
    own.users[bucket] = (own.users[bucket] ?? 0) + 1;
    if (random.next() * TROUBLED_ONE_IN < 1) own.troubled[bucket] = (own.troubled[bucket] ?? 0) + 1;
  }
  return crowds;
}

/** `each`: requests of one user in a tick. */
function rowOf(
  where: { readonly tick: number; readonly arm: ServingArm },
  crowd: Crowd,
  each: number,
  rate: number,
  random: Random,
): EvidenceRow {
  const row = emptyRow({ rolloutId: "r-1", table: 1, via: "split", segment: "", ...where });
  let bad = 0;
  for (let bucket = 0; bucket < KEY_BUCKETS; bucket++) {
    const failed = poisson(random, (crowd.troubled[bucket] ?? 0) * each * rate * TROUBLED_ONE_IN);
    const good = poisson(random, (crowd.users[bucket] ?? 0) * each * (1 - rate));
    row.buckets.arrivals[bucket] = failed + good;
    row.buckets.bad[bucket] = failed;
    row.arrivals += failed + good;
    bad += failed;
  }
  row.judged = row.arrivals;
  row.outcomes.ok = row.arrivals - bad;
  row.outcomes.server_error = bad;
  return row;
}

function everPasses(rollout: Rollout, users: number, [base, harm]: [number, Harm], seed: number) {
  const random = createRandom(seed);
  const share = candidateSlotsOf(rollout.phase, rollout.policy) / SLOTS;
  const crowds = crowdsOf(users, share, random);
  const each = (PER_MINUTE * TICK_MS) / 60_000 / users;
  let evidence: Evidence = emptyEvidence(1);
  for (let tick = 0; tick < TICKS; tick++) {
    const endMs = (tick + 1) * TICK_MS;
    const rows = [
      rowOf({ tick, arm: "stable" }, crowds.stable, each, base, random),
      rowOf({ tick, arm: "candidate" }, crowds.candidate, each, harm(base), random),
    ];
    evidence = absorb(evidence, rollout, { rolloutId: "r-1", tick, endMs, missing: [], rows });
    const going = decide({ rollout, evidence }, endMs).verdicts[0]?.finding?.going;
    assert.ok(going);
    if (going.logE >= going.logNeeded) return true;
  }
  return false;
}

/** Of rollouts with 5, 25 and 50% on the candidate, whose only guard is that of errors. */
function passes(stage: number, users: number, base: number, harm: Harm): number {
  const phase: Phase = { kind: "stage", stage, sinceMs: 0, confirmedAtMs: 0 };
  const rollout = rolloutIn(phase, {
    guards: [ERRORS],
    stages: [5, 25, 50].map((percent) => ({ percent, holdMs: 60_000, minRequests: 100 })),
    evidence: { ...POLICY.evidence, tickMs: TICK_MS },
  });
  let count = 0;
  for (let seed = 1; seed <= ROLLOUTS; seed++) {
    if (everPasses(rollout, users, [base, harm], seed)) count++;
  }
  return count;
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
