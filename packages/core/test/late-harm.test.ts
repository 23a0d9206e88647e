// Harm that begins after 100%: the record says that something did, and the few who are held back whether it is the
// version or the hour.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  absorb,
  createRandom,
  decide,
  type Evidence,
  emptyEvidence,
  emptyReplica,
  type Judgement,
  type Phase,
  poisson,
  type Random,
  type Rollout,
  type Tick,
  type Verdict,
} from "@slipway/core";
import { type ArmFacts, ERRORS, LATENCY, rolloutIn, tickOf } from "./rollout-fixture.ts";

const STAGE: Phase = { kind: "stage", stage: 1, sinceMs: 0, confirmedAtMs: 0 };
const BAKE: Phase = { kind: "bake", sinceMs: 300_000, confirmedAtMs: 300_000 };
const STAGE_TICKS = 30;
/** Requests in a tick after 100%, of whom a twentieth are held back. */
const CANDIDATE = 1_900;
const HELD = 100;

type Rates = { readonly stable: number; readonly candidate: number };
type Making = (tick: number, rates: Rates, n: { stable: number; candidate: number }) => Tick;

/** As many as the rates say, and a fraction of one now and then. */
const evenly: Making = (tick, rates, n) => {
  const arm = (count: number, rate: number): ArmFacts => ({
    n: count,
    latencyMs: 200,
    errors: Math.floor((tick + 1) * count * rate) - Math.floor(tick * count * rate),
  });
  return tickOf(tick, {
    stable: arm(n.stable, rates.stable),
    candidate: arm(n.candidate, rates.candidate),
  });
};

function drawn(random: Random): Making {
  const arm = (n: number, rate: number): ArmFacts => ({
    n,
    latencyMs: 200,
    errors: Math.min(n, poisson(random, n * rate)),
  });
  return (tick, rates, n) =>
    tickOf(tick, {
      stable: arm(n.stable, rates.stable),
      candidate: arm(n.candidate, rates.candidate),
    });
}

type Baked = { readonly judgement: Judgement; readonly evidence: Evidence; readonly ticks: number };

/** A stage in which both fail at 1%, then a bake, tick by tick until the rollout moves or the ticks are over. */
function baked(
  rates: (tick: number) => Rates,
  ticks: number,
  { guard = ERRORS, make = evenly, bakeMs = 36_000_000 } = {},
): Baked {
  const policy = { guards: [guard], holdbackPercent: 5, bakeMs, shareTolerance: 1 };
  const stage = rolloutIn(STAGE, policy);
  const bake: Rollout = { ...rolloutIn(BAKE, policy), table: 2, stageTable: 2 };
  let evidence = emptyEvidence(1);
  for (let tick = 0; tick < STAGE_TICKS; tick++) {
    const n = { stable: 1_500, candidate: 500 };
    evidence = absorb(evidence, stage, make(tick, { stable: 0.01, candidate: 0.01 }, n));
  }
  let judgement = decide({ rollout: bake, evidence }, evidence.endMs ?? 0);
  let tick = 0;
  while (tick < ticks && judgement.decision.kind === "hold") {
    const n = { stable: HELD, candidate: CANDIDATE };
    const made = make(STAGE_TICKS + tick, rates(tick), n);
    const rows = made.rows.map((row) => ({ ...row, table: 2 }));
    evidence = absorb(evidence, bake, { ...made, rows });
    tick++;
    judgement = decide({ rollout: bake, evidence }, evidence.endMs ?? 0);
  }
  return { judgement, evidence, ticks: tick };
}

function verdictOf({ judgement }: Baked): Verdict {
  const [verdict] = judgement.verdicts;
  assert.ok(verdict);
  return verdict;
}

const ALIKE: Rates = { stable: 0.01, candidate: 0.01 };
const HARM: Rates = { stable: 0.01, candidate: 0.03 };
const INCIDENT: Rates = { stable: 0.03, candidate: 0.03 };

test("what the candidate alone does after 100% rolls back, long before the few say so by themselves", () => {
  const { judgement, ticks, ...rest } = baked(() => HARM, 200);
  const { decision } = judgement;
  assert.equal(decision.kind === "move" && decision.move.kind, "roll-back");
  assert.match(decision.because.text, /\(2\.\d+% against \S+; before 100% 1%\)$/);
  const { finding } = verdictOf({ judgement, ticks, ...rest });
  assert.ok(Math.abs((finding?.late?.logE ?? 0) - (finding?.logE ?? 9)) < 0.1);
  // Of the 0.9 nats in a tick that tell 1% from 3% at this share, an alarm at 1% needs five, and five ticks say it began.
  assert.ok(ticks < 60, `${ticks} ticks`);
});

test("late harm is found as late as it comes", () => {
  const harmFrom = (from: number): number =>
    baked((tick) => (tick < from ? ALIKE : HARM), from + 60).ticks - from;
  const [soon, later] = [harmFrom(10), harmFrom(150)];
  assert.ok(soon < 60 && later < 60 && Math.abs(later - soon) <= 10, `${soon} and ${later} ticks`);
});

test("what both suffer after 100% is asked about, holds for a while, and rolls nothing back", () => {
  const open = baked(() => INCIDENT, 3);
  assert.equal(verdictOf(open).status, "wait");
  assert.match(
    verdictOf(open).text,
    /^worse than stable's record of 1%: the version, or the hour\?/,
  );
  const told = baked(() => INCIDENT, 120);
  assert.equal(told.ticks, 120);
  assert.equal(verdictOf(told).finding?.late?.open, false);
  assert.notEqual(verdictOf(told).status, "fail");
});

test("of 40 drawn incidents of both versions none is taken for the version's", () => {
  const blamed = Array.from({ length: 40 }, (_, seed) =>
    baked(() => INCIDENT, 100, { make: drawn(createRandom(seed + 1)) }),
  ).filter(({ judgement }) => judgement.verdicts[0]?.status === "fail");
  assert.equal(blamed.length, 0);
});

test("a rollout does not complete while it may be the version that is worse than the record", () => {
  const short = { bakeMs: 30_000 };
  assert.equal(baked(() => ALIKE, 4, short).judgement.decision.kind, "move");
  const { decision } = baked(() => INCIDENT, 3, short).judgement;
  assert.deepEqual([decision.kind, decision.because.code], ["hold", "record"]);
  assert.equal(decision.because.page, true);
  assert.match(decision.because.text, /the version, or the hour\?/);
  // The held-back users show the same, and it goes on.
  assert.equal(baked(() => INCIDENT, 20, short).judgement.decision.kind, "move");
});

test("after an incident of both the candidate is back, and what it does later is asked about anew", () => {
  const course = (tick: number): Rates => (tick < 30 ? INCIDENT : tick < 150 ? ALIKE : HARM);
  const calm = baked(course, 150);
  assert.equal(verdictOf(calm).finding?.late, null);
  assert.equal(calm.evidence.tests["errors"]?.late?.asked, 1);
  const { judgement, ticks } = baked(course, 230);
  assert.equal(judgement.decision.kind, "move");
  assert.ok(ticks > 150 && ticks < 225, `${ticks} ticks`);
});

test("latencies after 100% are counted from where stable's record has its quantile", () => {
  const slow =
    (both: boolean): Making =>
    (tick, _, n) => {
      const late = tick >= STAGE_TICKS;
      const arm = (count: number, isSlow: boolean): ArmFacts => {
        const overdue = Math.round(count * (isSlow ? 0.08 : 0.01));
        return { n: count, latencyMs: 200, overdue };
      };
      return tickOf(tick, {
        stable: arm(n.stable, late && both),
        candidate: arm(n.candidate, late),
      });
    };
  const guard = LATENCY;
  const found = baked(() => ALIKE, 60, { guard, make: slow(false) });
  assert.equal(verdictOf(found).status, "fail");
  const shared = baked(() => ALIKE, 60, { guard, make: slow(true) });
  assert.notEqual(verdictOf(shared).status, "fail");
});

test("one sick replica after 100% is named, and nobody is moved", () => {
  const oneSick: Making = (tick, rates, n) => {
    const made = evenly(tick, rates, n);
    for (const row of made.rows) {
      if (row.arm === "stable") continue;
      const bad = row.outcomes.server_error ?? 0;
      // One of three has what is more than 1%, and its own part of that.
      const usual = Math.round((n.candidate * 0.01) / 3);
      const each = n.candidate / 3;
      const replica = (own: number) => ({
        ...emptyReplica(),
        arrivals: each,
        counted: each,
        bad: own,
        mishaps: { server_error: own },
      });
      row.replicas = {
        a: replica(Math.min(usual, bad)),
        b: replica(Math.min(usual, bad)),
        c: replica(Math.max(0, bad - 2 * usual)),
      };
    }
    return made;
  };
  const sick = baked(() => HARM, 100, { make: oneSick });
  const verdict = verdictOf(sick);
  assert.deepEqual(
    [verdict.status, verdict.action, verdict.finding?.replica],
    ["fail", "block", "c"],
  );
  assert.equal(sick.judgement.decision.kind, "hold");
});

test("what is asked is JSON as it stands", () => {
  const { evidence } = baked(() => INCIDENT, 12);
  const late = evidence.tests["errors"]?.late;
  assert.ok(late?.worse === true);
  assert.deepEqual(JSON.parse(JSON.stringify(late)), late);
});
