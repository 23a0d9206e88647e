// Crowds of whom one user in six has all the failures, drawn on counts, with the users of a bucket in one arm for good; and
// what the guard of errors makes of them, look by look.
import {
  absorb,
  candidateSlotsOf,
  createRandom,
  decide,
  type Evidence,
  type EvidenceRow,
  emptyEvidence,
  emptyRow,
  type Finding,
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
const TICK_MS = 120_000;

/** How often requests fail. */
export type Rates = { readonly stable: number; readonly candidate: number };

/** One user who sends this share of all requests. One in six such has all the failures, as of others. */
export type HeavyUser = { readonly share: number; readonly rates: Rates };

type Drawing = {
  readonly seed: number;
  readonly ticks: number;
  readonly heavy?: HeavyUser;
};

/** With 5, 25 or 50% on the candidate, and no other guard. */
export function crowdRollout(stage: number): Rollout {
  const phase: Phase = { kind: "stage", stage, sinceMs: 0, confirmedAtMs: 0 };
  return rolloutIn(phase, {
    guards: [ERRORS],
    stages: [5, 25, 50].map((percent) => ({ percent, holdMs: 60_000, minRequests: 100 })),
    evidence: { ...POLICY.evidence, tickMs: TICK_MS },
  });
}

/** Of one rollout, after every two minutes. It goes nowhere, whatever is decided. `rates`: by tick, where they change. */
export function* crowdFindings(
  rollout: Rollout,
  users: number,
  rates: Rates | ((tick: number) => Rates),
  { seed, ticks, heavy }: Drawing,
): Generator<Finding> {
  const random = createRandom(seed);
  const ratesAt = typeof rates === "function" ? rates : (): Rates => rates;
  const share = candidateSlotsOf(rollout.phase, rollout.policy) / SLOTS;
  const crowds = crowdsOf(users, share, random);
  const all = (PER_MINUTE * TICK_MS) / 60_000;
  const each = (all * (1 - (heavy?.share ?? 0))) / users;
  const one = heavy === undefined ? null : placeOf(heavy, share, all, random);
  let evidence: Evidence = emptyEvidence(1);
  for (let tick = 0; tick < ticks; tick++) {
    const endMs = (tick + 1) * TICK_MS;
    const rows = (["stable", "candidate"] as const).map((arm) =>
      rowOf({ tick, arm }, crowds[arm], each, ratesAt(tick)[arm], random),
    );
    if (one !== null) addHeavy(rows, one, random);
    evidence = absorb(evidence, rollout, { rolloutId: "r-1", tick, endMs, missing: [], rows });
    const finding = decide({ rollout, evidence }, endMs).verdicts[0]?.finding;
    if (finding === undefined) throw new Error("the guard found nothing");
    yield finding;
  }
}

type HeavyPlace = {
  readonly arm: ServingArm;
  readonly bucket: number;
  /** Requests of a tick. */
  readonly requests: number;
  readonly rate: number;
};

function placeOf(
  { share, rates }: HeavyUser,
  candidateShare: number,
  all: number,
  random: Random,
): HeavyPlace {
  const arm = random.next() < candidateShare ? "candidate" : "stable";
  const bucket = Math.floor(random.next() * KEY_BUCKETS);
  const trouble = random.next() * TROUBLED_ONE_IN < 1 ? TROUBLED_ONE_IN : 0;
  return { arm, bucket, requests: share * all, rate: rates[arm] * trouble };
}

function addHeavy(
  rows: readonly EvidenceRow[],
  { arm, bucket, requests, rate }: HeavyPlace,
  random: Random,
): void {
  const row = rows.find((one) => one.arm === arm);
  if (row === undefined) return;
  const failed = poisson(random, requests * rate);
  addRequests(row, bucket, { failed, good: poisson(random, requests * (1 - rate)) });
}

type Crowd = { readonly users: Float64Array; readonly troubled: Float64Array };

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
  for (let bucket = 0; bucket < KEY_BUCKETS; bucket++) {
    const failed = poisson(random, (crowd.troubled[bucket] ?? 0) * each * rate * TROUBLED_ONE_IN);
    const good = poisson(random, (crowd.users[bucket] ?? 0) * each * (1 - rate));
    addRequests(row, bucket, { failed, good });
  }
  return row;
}

function addRequests(
  row: EvidenceRow,
  bucket: number,
  { failed, good }: { readonly failed: number; readonly good: number },
): void {
  const { buckets, outcomes } = row;
  buckets.arrivals[bucket] = (buckets.arrivals[bucket] ?? 0) + failed + good;
  buckets.bad[bucket] = (buckets.bad[bucket] ?? 0) + failed;
  row.arrivals += failed + good;
  row.judged = row.arrivals;
  outcomes.ok = (outcomes.ok ?? 0) + good;
  outcomes.server_error = (outcomes.server_error ?? 0) + failed;
}
