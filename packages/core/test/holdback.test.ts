// Held back: the last slots stay on stable until the rollout completes, so that what both versions suffer at once is told
// from what the candidate does.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  absorb,
  candidateSlotsOf,
  type Decision,
  decide,
  type Evidence,
  emptyEvidence,
  type Phase,
  type Policy,
  type Rollout,
  SLOTS,
  slotsMaxOf,
  slotsOfPercent,
  stepBackOf,
  type Verdict,
} from "@slipway/core";
import fc from "fast-check";
import { type ArmFacts, POLICY, rolloutIn, tickOf } from "./rollout-fixture.ts";

const STAGE = { kind: "stage", stage: 1, sinceMs: 0, confirmedAtMs: 0 } as const satisfies Phase;
const BAKE = { kind: "bake", sinceMs: 60_000, confirmedAtMs: 60_000 } as const satisfies Phase;
const HELD = { holdbackPercent: 5 };

/** The phases of a rollout that goes through all its stages. */
function phasesOf({ stages }: Policy): readonly Phase[] {
  return [
    { kind: "preflight", sinceMs: 0 },
    ...stages.map((_, stage): Phase => ({ ...STAGE, stage })),
    BAKE,
    { kind: "completed", sinceMs: 0, warmUntilMs: 0 },
  ];
}

test("at 100% and in bake the last slots are stable's, and completion moves them", () => {
  const policy = { ...POLICY, ...HELD };
  const slots = phasesOf(policy).map((phase) => candidateSlotsOf(phase, policy));
  assert.deepEqual(slots, [0, 500, 2_500, 9_500, 9_500, SLOTS]);
  const nobody = phasesOf(POLICY).map((phase) => candidateSlotsOf(phase, POLICY));
  assert.deepEqual(nobody, [0, 500, 2_500, SLOTS, SLOTS, SLOTS]);
});

test("growing never takes a slot back, whoever is held back, and stages below 100% are as they were", () => {
  const percents = fc.uniqueArray(fc.integer({ min: 1, max: 49 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(percents, fc.integer({ min: 1, max: 50 }), (below, holdbackPercent) => {
      const ladder = [...below.toSorted((a, b) => a - b), 100];
      const stages = ladder.map((percent) => ({ percent, holdMs: 0, minRequests: 0 }));
      const policy = { ...POLICY, stages, holdbackPercent };
      const slots = phasesOf(policy).map((phase) => candidateSlotsOf(phase, policy));
      assert.deepEqual(
        slots,
        slots.toSorted((a, b) => a - b),
      );
      assert.deepEqual(slots.slice(1, -3), below.toSorted((a, b) => a - b).map(slotsOfPercent));
      assert.ok(slotsMaxOf(policy) < SLOTS);
    }),
  );
});

test("a step back from bake goes to the last stage below 100%", () => {
  assert.deepEqual(stepBackOf(rolloutIn(BAKE, HELD)), { kind: "step-back", stage: 1 });
});

const GOOD = { latencyMs: 200, errors: 0 };
const SLOW = { latencyMs: 900, errors: 0 };
const DOWN = (n: number) => ({ latencyMs: 200, errors: n / 2 });

type Facts = Omit<ArmFacts, "n">;

/** Good in a stage of 25%, then in bake as said, tick by tick until it is moved; which verdicts it was moved by. */
function bakes(
  policy: Partial<Policy>,
  facts: (n: number) => { readonly stable: Facts; readonly candidate: Facts },
  ticks = 20,
): { readonly decision: Decision; readonly verdicts: readonly Verdict[]; readonly ticks: number } {
  const stage = rolloutIn(STAGE, policy);
  const bake: Rollout = { ...rolloutIn(BAKE, policy), table: 2, stageTable: 2 };
  const held = SLOTS - slotsMaxOf(bake.policy);
  const [candidate, stable] = [(SLOTS - held) / 5, held / 5];
  let evidence: Evidence = emptyEvidence(1);
  for (let tick = 0; tick < 6; tick++) {
    const shares = { stable: { n: 1_500, ...GOOD }, candidate: { n: 500, ...GOOD } };
    evidence = absorb(evidence, stage, tickOf(tick, shares));
  }
  let judgement = decide({ rollout: bake, evidence }, 60_000);
  let tick = 0;
  while (tick < ticks && judgement.decision.kind === "hold") {
    const arms = {
      stable: { n: stable, ...facts(stable).stable },
      candidate: { n: candidate, ...facts(candidate).candidate },
    };
    evidence = absorb(evidence, bake, tickOf(6 + tick++, arms, { table: 2 }));
    judgement = decide({ rollout: bake, evidence }, evidence.endMs ?? 0);
  }
  return { ...judgement, ticks: tick };
}

const LONG = { bakeMs: 3_600_000 };
const moveOf = (decision: Decision): string =>
  decision.kind === "move" ? decision.move.kind : decision.because.code;

test("an incident of both versions in bake moves nobody, because somebody was held back", () => {
  const held = { ...LONG, ...HELD };
  const down = bakes(held, (n) => ({ stable: DOWN(n), candidate: DOWN(n) }));
  assert.deepEqual([moveOf(down.decision), down.ticks], ["outage", 20]);
  assert.equal(down.decision.because.page, true);
  const slow = bakes(held, () => ({ stable: SLOW, candidate: SLOW }));
  assert.ok(slow.decision.kind === "hold");
  assert.ok(slow.verdicts.every(({ status }) => status !== "fail"));
});

test("what the candidate alone does in bake is found against those held back", () => {
  const worse = bakes({ ...LONG, ...HELD }, () => ({ stable: GOOD, candidate: SLOW }));
  assert.equal(moveOf(worse.decision), "roll-back");
  assert.ok(worse.ticks <= 3, `${worse.ticks} ticks`);
  assert.equal(worse.verdicts[0]?.baseline, "concurrent");
});

test("where too few are held back for a threshold it compares with stable's record", () => {
  const guards = POLICY.guards.map((guard) => ({ ...guard, minRequests: 500 }));
  const thin = { ...LONG, holdbackPercent: 0.1, guards };
  // Until the window has nothing of the stage before any more.
  const healthy = bakes(thin, () => ({ stable: GOOD, candidate: GOOD }), 10);
  assert.equal(healthy.verdicts[0]?.baseline, "kept");
  assert.ok(healthy.verdicts.every(({ status }) => status === "pass"));
});
