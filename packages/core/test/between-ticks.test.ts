// Between a move and the first tick after it, evidence is still of the time before: it must not speak for the new
// stage, nor break the guard again that it broke already.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  absorb,
  apply,
  can,
  candidateSlotsOf,
  decide,
  type Evidence,
  emptyEvidence,
  type Move,
  type Policy,
  type Rollout,
  requirementsOf,
  SLOTS,
} from "@slipway/core";
import { POLICY, rolloutIn, tickOf } from "./rollout-fixture.ts";

const GOOD = { stable: { n: 1900, latencyMs: 200 }, candidate: { n: 200, latencyMs: 210 } };
const SLOW = { stable: { n: 1900, latencyMs: 200 }, candidate: { n: 200, latencyMs: 900 } };

function moved(rollout: Rollout, move: Move, table: number): Rollout {
  const because = { code: "test", text: "" };
  const cause = { kind: "evidence" as const, because };
  return apply(rollout, { type: "moved", atMs: 70_000, move, cause, table, look: null });
}

function confirmed(rollout: Rollout): Rollout {
  const { table } = rollout;
  return apply(rollout, {
    type: "confirmed",
    atMs: 70_001,
    table,
    members: 1,
    expired: [],
    confirmMs: 1,
  });
}

function evidenceOf(rollout: Rollout, facts: typeof GOOD): Evidence {
  return absorb(emptyEvidence(rollout.stageTable), rollout, tickOf(6, facts));
}

test("a stage is not passed with the requests of the stage before", () => {
  const stages = POLICY.stages.map((stage) => ({ ...stage, holdMs: 0 }));
  const first = rolloutIn({ kind: "stage", stage: 0, sinceMs: 0, confirmedAtMs: 0 }, { stages });
  const evidence = evidenceOf(first, GOOD);
  const second = confirmed(moved(first, { kind: "advance", stage: 1 }, 2));
  const needs = requirementsOf(second, evidence, [], 70_002);
  assert.equal(
    needs.find(({ code }) => code === "requests")?.text,
    "0 of 100 candidate requests judged",
  );
  assert.equal(decide({ rollout: second, evidence }, 70_002).decision.because.code, "requests");
});

test("a guard that stepped a rollout back does not step it back again on the same evidence", () => {
  const guards = POLICY.guards.map((guard) => ({ ...guard, action: "step-back" as const }));
  const policy: Partial<Policy> = { guards };
  const second = rolloutIn({ kind: "stage", stage: 1, sinceMs: 0, confirmedAtMs: 0 }, policy);
  const evidence = evidenceOf(second, SLOW);
  const { decision } = decide({ rollout: second, evidence }, 70_000);
  assert.ok(decision.kind === "move");
  const back = confirmed(moved(second, decision.move, 2));
  assert.equal(decide({ rollout: back, evidence }, 70_002).decision.because.code, "paused");
});

test("a stage that was paused before gateways confirmed it is not taken for confirmed when it resumes", () => {
  const stage = rolloutIn({ kind: "stage", stage: 0, sinceMs: 0, confirmedAtMs: null });
  const resumed = moved(moved(stage, { kind: "pause" }, 1), { kind: "resume" }, 1);
  assert.ok(resumed.phase.kind === "stage");
  assert.equal(resumed.phase.confirmedAtMs, null);
});

test("bake after an unconfirmed 100% stage is not taken for confirmed either", () => {
  for (const confirmedAtMs of [null, 5]) {
    const last = rolloutIn({ kind: "stage", stage: 2, sinceMs: 0, confirmedAtMs });
    const bake = moved(last, { kind: "bake" }, 1);
    assert.ok(bake.phase.kind === "bake");
    assert.equal(bake.phase.confirmedAtMs, confirmedAtMs === null ? null : 70_000);
  }
});

test("the kept baseline is the last full one, not the scraps after everybody moved", () => {
  const stage = rolloutIn({ kind: "stage", stage: 1, sinceMs: 0, confirmedAtMs: 0 });
  let evidence = evidenceOf(stage, GOOD);
  const last = moved(stage, { kind: "advance", stage: 2 }, 2);
  assert.equal(candidateSlotsOf(last.phase, last.policy), SLOTS);
  const scraps = { ...GOOD, stable: { n: 101, latencyMs: 900 } };
  for (let tick = 7; tick < 14; tick++) {
    evidence = absorb(evidence, last, tickOf(tick, scraps, { table: 2 }));
  }
  assert.equal(evidence.keptStable?.counted, 1900);
});

test("a step back that could only be a rollback is refused, and says so", () => {
  const stages = [{ percent: 100, holdMs: 0, minRequests: 0 }];
  const bake = rolloutIn({ kind: "bake", sinceMs: 0, confirmedAtMs: 0 }, { stages });
  const allowed = can(bake, "step-back", 1);
  assert.ok(!allowed.ok && /use rollback/.test(allowed.why));
});

test("a hold is over only when mature evidence covers all of it", () => {
  const stages = POLICY.stages.map((stage) => ({ ...stage, holdMs: 65_000 }));
  const confirmedAtMs = 6_000;
  const stage = rolloutIn(
    { kind: "stage", stage: 0, sinceMs: 0, confirmedAtMs },
    { stages, shareTolerance: 1, representative: "warn" },
  );
  let evidence = evidenceOf(stage, GOOD);
  const because = (): string => decide({ rollout: stage, evidence }, 80_000).decision.because.code;
  assert.equal(evidence.endMs, 70_000);
  assert.equal(because(), "covered");
  evidence = absorb(evidence, stage, tickOf(7, GOOD));
  assert.equal(because(), "requirements");
});
