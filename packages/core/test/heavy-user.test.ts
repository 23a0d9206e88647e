// One user who sends far more than any other: who is set apart, what evidence leaves out then, and what it never does.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  absorb,
  createRandom,
  decide,
  type Evidence,
  type EvidenceRow,
  emptyEvidence,
  emptyRow,
  groundsOf,
  heavyBucketOf,
  isSequential,
  KEY_BUCKETS,
  logNormal,
  overdispersionUpper,
  type Phase,
  type Policy,
  poisson,
  type Random,
  type Rollout,
  representationOf,
  splitOf,
} from "@slipway/core";
import fc from "fast-check";
import { ERRORS, rolloutIn } from "./rollout-fixture.ts";

const HEAVY_BUCKET = 7;

function evenly(each: number): number[] {
  return new Array<number>(KEY_BUCKETS).fill(each);
}

test("the bucket of a user who sends a twentieth of all requests is set apart, once a thousand came", () => {
  const random = createRandom(3);
  const arrivals = evenly(0);
  let ticks = 0;
  while (heavyBucketOf(arrivals) === null && ticks < 100) {
    ticks++;
    for (let bucket = 0; bucket < KEY_BUCKETS; bucket++) {
      const mean = bucket === HEAVY_BUCKET ? 16 : 8;
      arrivals[bucket] = (arrivals[bucket] ?? 0) + poisson(random, mean);
    }
  }
  const found = heavyBucketOf(arrivals);
  assert.equal(found?.bucket, HEAVY_BUCKET);
  assert.ok(Math.abs((found?.share ?? 0) - 0.1) < 0.03, String(found?.share));
  assert.ok(ticks >= 5 && ticks < 15, String(ticks));
});

function crowdWeights(users: number, random: Random): readonly number[] {
  const weights = evenly(0);
  for (let user = 0; user < users; user++) {
    const bucket = Math.floor(random.next() * KEY_BUCKETS);
    // A crowd of sixty with habits as unlike has a heavy user now and then.
    weights[bucket] = (weights[bucket] ?? 0) + (users < 100 ? 1 : logNormal(random, 1, 0.7));
  }
  return weights.map((weight) => weight / users);
}

/** Whether a bucket is set apart at any of twenty looks, after each of which more requests come. */
function isEverFound(weights: readonly number[], random: Random): boolean {
  const arrivals = evenly(0);
  for (let look = 0; look < 20; look++) {
    for (const [bucket, weight] of weights.entries()) {
      arrivals[bucket] =
        (arrivals[bucket] ?? 0) + poisson(random, 1_000 * 2 ** (look / 4) * weight);
    }
    if (heavyBucketOf(arrivals) !== null) return true;
  }
  return false;
}

test("in crowds without a heavy user no bucket is ever set apart, however few they are", () => {
  for (const users of [60, 500, 5_000]) {
    for (let seed = 1; seed <= 200; seed++) {
      const random = createRandom(seed);
      const isFound = isEverFound(crowdWeights(users, random), random);
      assert.equal(isFound, false, `${users} users, seed ${seed}`);
    }
  }
});

test("users' spread over the others is what it is without the one that is set apart, whatever that one does", () => {
  const bucketsOf = (bad: number): { arrivals: number[]; bad: number[] } => ({
    arrivals: evenly(1_000).with(HEAVY_BUCKET, 2_000),
    bad: Array.from({ length: KEY_BUCKETS }, (_, place) => 10 + (place % 5)).with(
      HEAVY_BUCKET,
      bad,
    ),
  });
  const without = overdispersionUpper(bucketsOf(0), HEAVY_BUCKET);
  assert.equal(overdispersionUpper(bucketsOf(2_000), HEAVY_BUCKET), without);
  assert.ok(overdispersionUpper(bucketsOf(2_000)) > 100 * without);
  const alike = { arrivals: evenly(1_000), bad: evenly(10) };
  assert.equal(overdispersionUpper(alike, 0), 1);
});

const STAGE: Phase = { kind: "stage", stage: 0, sinceMs: 0, confirmedAtMs: 0 };
const LANGUAGES = [{ name: "language", header: null, field: null, detect: null }];

function rolloutOf(policy: Partial<Policy> = {}): Rollout {
  return rolloutIn(STAGE, { guards: [ERRORS], ...policy });
}

type Own = {
  readonly arm: EvidenceRow["arm"];
  readonly bad?: number;
  readonly cancelled?: number;
  readonly rejected?: number;
};

const EACH = { stable: 95, candidate: 5 };
const OF_HEAVY = 100;

/**
 * Both arms of a tick, half of the users in each of two segments; the heavy user is on one arm. `othersBad`: of each bucket's
 * five other requests on the candidate.
 */
function rowsOf(tick: number, heavy: Own, othersBad = 0): readonly EvidenceRow[] {
  return (["stable", "candidate"] as const).flatMap((arm) =>
    ["go", "rust"].map((segment, half) => {
      const row = emptyRow({ rolloutId: "r-1", table: 1, tick, arm, via: "split", segment });
      for (let bucket = half; bucket < KEY_BUCKETS; bucket += 2) {
        const ofStable = bucket < 19 ? 1 : 0;
        add(row, bucket, EACH[arm], { arm, bad: arm === "stable" ? ofStable : othersBad });
      }
      if (arm === heavy.arm && HEAVY_BUCKET % 2 === half) add(row, HEAVY_BUCKET, OF_HEAVY, heavy);
      return row;
    }),
  );
}

function add(
  row: EvidenceRow,
  bucket: number,
  n: number,
  { bad = 0, cancelled = 0, rejected = 0 }: Own,
): void {
  const { buckets, outcomes } = row;
  const plus = (
    name: "ok" | "server_error" | "cancelled" | "client_error",
    count: number,
  ): void => {
    outcomes[name] = (outcomes[name] ?? 0) + count;
  };
  row.arrivals += n;
  row.judged += n;
  plus("ok", n - bad - cancelled - rejected);
  plus("server_error", bad);
  plus("cancelled", cancelled);
  plus("client_error", rejected);
  buckets.arrivals[bucket] = (buckets.arrivals[bucket] ?? 0) + n;
  buckets.bad[bucket] = (buckets.bad[bucket] ?? 0) + bad;
  const own = buckets.mishaps[bucket] ?? {};
  buckets.mishaps[bucket] = {
    ...own,
    cancelled: (own.cancelled ?? 0) + cancelled,
    client_error: (own.client_error ?? 0) + rejected,
  };
}

function absorbed(
  rollout: Rollout,
  ticks: number,
  heavyAt: (tick: number) => Own,
  othersBad = 0,
): Evidence {
  let evidence = emptyEvidence(1);
  for (let tick = 0; tick < ticks; tick++) {
    const endMs = (tick + 1) * 10_000;
    const rows = rowsOf(tick, heavyAt(tick), othersBad);
    evidence = absorb(evidence, rollout, { rolloutId: "r-1", tick, endMs, missing: [], rows });
  }
  return evidence;
}

test("evidence that lets a stage be left is the same whatever the heavy user's requests come to, on either version", () => {
  const rollout = rolloutOf();
  const goingOf = (heavy: Own): unknown => {
    const { hypotheses, apart, setApart } = absorbed(rollout, 8, () => heavy).tests["errors"] ?? {};
    assert.equal(setApart?.bucket, HEAVY_BUCKET);
    return { hypotheses, apart };
  };
  const expected = goingOf({ arm: "stable" });
  const part = fc.integer({ min: 0, max: 30 });
  fc.assert(
    fc.property(
      fc.constantFrom("stable" as const, "candidate" as const),
      fc.record({ bad: part, cancelled: part, rejected: part }),
      (arm, ended) => assert.deepEqual(goingOf({ arm, ...ended }), expected),
    ),
    { numRuns: 40 },
  );
});

test("an alarm counts the heavy user as if nobody were set apart", () => {
  const rollout = rolloutOf();
  const broken = absorbed(rollout, 30, () => ({ arm: "candidate", bad: 50 }));
  const { pooled } = broken.tests["errors"] ?? assert.fail("no evidence");
  assert.deepEqual(pooled.counts.candidate, { n: 30 * 200, bad: 30 * 50 });
  const [verdict] = decide({ rollout, evidence: broken }, 300_000).verdicts;
  assert.equal(verdict?.status, "fail");
});

test("an alarm that a heavy user alone carries holds the rollout and asks; one that all users have takes it back", () => {
  const rollout = rolloutOf();
  const judged = (heavy: Own, othersBad: number) => {
    const evidence = absorbed(rollout, 30, () => heavy, othersBad);
    const { decision, verdicts } = decide({ rollout, evidence }, 300_000);
    const [verdict] = verdicts;
    return {
      decided: decision.kind === "move" ? decision.move.kind : decision.because.code,
      action: verdict?.action,
      status: verdict?.status,
      text: verdict?.text ?? "",
    };
  };
  const alone = judged({ arm: "candidate", bad: 50 }, 0);
  assert.deepEqual([alone.decided, alone.action, alone.status], ["guard", "block", "fail"]);
  assert.match(alone.text, /one heavy user alone has it/);
  for (const bad of [0, 20, 50]) {
    const all = judged({ arm: "candidate", bad }, 1);
    assert.deepEqual([all.decided, all.action], ["roll-back", "roll-back"], `${bad} bad`);
    assert.doesNotMatch(all.text, /heavy user/);
  }
});

test("who is set apart was known before the tick that is counted, and stays though others send more later", () => {
  const rollout = rolloutOf();
  const first = absorbed(rollout, 1, () => ({ arm: "stable" }));
  assert.equal(first.senders.heavy?.bucket, HEAVY_BUCKET);
  assert.equal(first.tests["errors"]?.setApart, null);
  const evidence = { ...first, senders: { ...first.senders, arrivals: evenly(1).with(3, 1e6) } };
  const rows = rowsOf(1, { arm: "stable" });
  const tick = { rolloutId: "r-1", tick: 1, endMs: 20_000, missing: [], rows };
  const next = absorb(evidence, rollout, tick);
  assert.equal(next.tests["errors"]?.setApart?.bucket, HEAVY_BUCKET);
  assert.equal(next.senders.heavy?.bucket, HEAVY_BUCKET);
  const restarted = absorb(next, { ...rollout, evidenceFrom: 2 }, { ...tick, tick: 2, rows: [] });
  assert.equal(restarted.senders.heavy, null);
});

test("a verdict and its grounds say who is set apart", () => {
  const rollout = rolloutOf();
  const evidence = absorbed(rollout, 5, () => ({ arm: "stable" }));
  const [verdict] = decide({ rollout, evidence }, 50_000).verdicts;
  assert.match(
    verdict?.text ?? "",
    /without one of 20 groups of users, set apart .*: 9.52% of req/,
  );
  const [guard] = rollout.policy.guards.filter(isSequential);
  const own = evidence.tests["errors"] ?? assert.fail("no evidence");
  const grounds = groundsOf(guard ?? assert.fail("no guard"), own, rollout.policy);
  assert.equal(grounds.setApart?.bucket, HEAVY_BUCKET);
  const broken = absorbed(rollout, 30, () => ({ arm: "candidate", bad: 50 }));
  const alarm = broken.tests["errors"] ?? assert.fail("no evidence");
  const told = groundsOf(guard ?? assert.fail("no guard"), alarm, rollout.policy);
  assert.ok((told.setApart?.logE ?? 9) < 1, String(told.setApart?.logE));
});

test("a heavy user on the candidate is no split that is off, nor a mix", () => {
  const segments = { evidence: { tickMs: 10_000, horizonMs: 30_000, segments: LANGUAGES } };
  const rollout = rolloutOf(segments);
  const evidence = absorbed(rollout, 60, () => ({ arm: "candidate" }));
  assert.equal(splitOf(rollout, evidence)?.isOff, false);
  assert.equal(representationOf(rollout, evidence)?.isOff, false);
  const unknown = { ...evidence, senders: { ...evidence.senders, heavy: null } };
  assert.equal(splitOf(rollout, unknown)?.isOff, true);
  assert.equal(representationOf(rollout, unknown)?.isOff, true);
});
