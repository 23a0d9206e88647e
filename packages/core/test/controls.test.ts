// What approvals, freezes and observing change in a decision, and what they never do.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  absorb,
  apply,
  approvalRefusal,
  type Controls,
  can,
  decide,
  type Evidence,
  emptyEvidence,
  type Freeze,
  type Judgement,
  NO_CONTROLS,
  type Phase,
  type Policy,
  type Rollout,
  type RolloutEvent,
  skippedApproval,
  type Trip,
} from "@slipway/core";
import { type ArmFacts, POLICY, rolloutIn, tickOf } from "./rollout-fixture.ts";

const STABLE: ArmFacts = { n: 1_900, latencyMs: 200 };
const GOOD: ArmFacts = { n: 100, latencyMs: 210 };
const SLOW: ArmFacts = { n: 100, latencyMs: 800 };
const STAGE: Phase = { kind: "stage", stage: 0, sinceMs: 0, confirmedAtMs: 0 };
const PREFLIGHT: Phase = { kind: "preflight", sinceMs: 0 };

const WEEKEND: Freeze = {
  key: "all/weekend@0",
  name: "weekend",
  reason: "nobody is there",
  by: null,
  sinceMs: 0,
  untilMs: Date.UTC(2026, 10, 30, 7),
};

function asking(by: readonly string[] = [], needed = 1): Partial<Policy> {
  const approval = { needed, by };
  return {
    stages: POLICY.stages.map((stage, index) => (index === 1 ? { ...stage, approval } : stage)),
  };
}

function withControls(rollout: Rollout, controls: Partial<Controls>): Rollout {
  return { ...rollout, controls: { ...NO_CONTROLS, ...controls } };
}

function evidenceOf(rollout: Rollout, candidate: ArmFacts): Evidence {
  const start = emptyEvidence(rollout.stageTable);
  return [5, 6].reduce(
    (sum, tick) => absorb(sum, rollout, tickOf(tick, { stable: STABLE, candidate })),
    start,
  );
}

function judged(rollout: Rollout, candidate: ArmFacts, nowS = 70): Judgement {
  return decide({ rollout, evidence: evidenceOf(rollout, candidate) }, nowS * 1_000);
}

function told(rollout: Rollout, candidate: ArmFacts, nowS = 70): string {
  const { decision } = judged(rollout, candidate, nowS);
  return `${decision.kind === "move" ? decision.move.kind : "hold"} ${decision.because.code}`;
}

function approved(rollout: Rollout, by: string): Rollout {
  return apply(rollout, { type: "approved", atMs: 1, by, reason: "looks right", stage: 1 });
}

test("a stage that needs approval is not begun without it, and is with it", () => {
  const rollout = rolloutIn(STAGE, asking());
  assert.equal(told(rollout, GOOD), "hold approval");
  assert.equal(told(approved(rollout, "ann"), GOOD), "advance requirements");
  assert.equal(told(rolloutIn(STAGE, {}), GOOD), "advance requirements");
});

test("an approval is asked for in words that say who may give it, and how", () => {
  const { decision } = judged(rolloutIn(STAGE, asking(["ann", "bob", "eve"], 2)), GOOD);
  assert.equal(
    decision.because.text,
    "25% needs 2 approvals of ann, bob or eve: slipway rollout approve r-1 --reason TEXT",
  );
  const one = judged(approved(rolloutIn(STAGE, asking([], 2)), "ann"), GOOD);
  assert.match(one.decision.because.text, /needs 2 approvals \(1 of 2 given, by ann\)/);
});

test("an approval given early waits for the guards, and never overrides one", () => {
  const early = approved(rolloutIn(STAGE, asking()), "ann");
  assert.equal(told(early, GOOD, 50), "hold hold");
  assert.equal(told(early, SLOW), "roll-back guard");
  const blocking = { guards: POLICY.guards.map((g) => ({ ...g, action: "block" as const })) };
  assert.equal(
    told(approved(rolloutIn(STAGE, { ...asking(), ...blocking }), "ann"), SLOW),
    "hold guard",
  );
});

test("so many different people have to approve", () => {
  const rollout = rolloutIn(STAGE, asking([], 2));
  assert.equal(told(approved(rollout, "ann"), GOOD), "hold approval");
  assert.equal(told(approved(approved(rollout, "ann"), "bob"), GOOD), "advance requirements");
  assert.match(approvalRefusal(approved(rollout, "ann"), "ann") ?? "", /has approved 25% already/);
  assert.equal(approvalRefusal(approved(rollout, "ann"), "bob"), null);
});

test("whoever is not named may not approve", () => {
  const rollout = rolloutIn(STAGE, asking(["ann"]));
  assert.equal(approvalRefusal(rollout, "mallory"), "25% may be approved by ann, not by mallory");
});

function moved(move: Extract<RolloutEvent, { type: "moved" }>["move"]): RolloutEvent {
  const because = { code: "x", text: "" };
  return {
    type: "moved",
    atMs: 2,
    move,
    cause: { kind: "evidence", because },
    table: 9,
    look: null,
  };
}

test("an approval is for one stage: it is used up when that begins, and withdrawn when the rollout falls back", () => {
  const rollout = approved(rolloutIn(STAGE, asking()), "ann");
  const after = (move: Parameters<typeof moved>[0]): number =>
    apply(rollout, moved(move)).controls.approvals.length;
  assert.equal(after({ kind: "advance", stage: 1 }), 0);
  assert.equal(after({ kind: "step-back", stage: 0 }), 0);
  assert.equal(after({ kind: "roll-back" }), 0);
  assert.equal(after({ kind: "pause" }), 1);
});

test("the first stage can need approval too", () => {
  const approval = { needed: 1, by: [] };
  const stages = POLICY.stages.map((stage, i) => (i === 0 ? { ...stage, approval } : stage));
  const rollout = rolloutIn(PREFLIGHT, { stages });
  assert.equal(told(rollout, GOOD), "hold approval");
  assert.equal(told(approved(rollout, "ann"), GOOD), "advance preflight");
});

test("a promotion skips time and evidence, not an approval and not a freeze", () => {
  const rollout = rolloutIn(STAGE, asking());
  const why = (one: Rollout): string => {
    const allowed = can(one, "promote", 0);
    return allowed.ok ? "" : allowed.why;
  };
  assert.equal(why(rollout), "25% needs approval first, 0 of 1 given; use approve");
  assert.equal(why(approved(rollout, "ann")), "");
  const frozen = withControls(rolloutIn(STAGE), { freezes: [{ ...WEEKEND, overridden: null }] });
  assert.match(why(frozen), /frozen until 2026-11-30 07:00 UTC by weekend \(nobody is there\)/);
  assert.equal(skippedApproval(rolloutIn(PREFLIGHT, asking())), 25);
  assert.equal(skippedApproval(rolloutIn(STAGE, asking())), null);
});

test("a stage that has had its time asks for a person's word though approval is missing too", () => {
  const guards: Policy["guards"] = [
    {
      id: "errors",
      test: "sequential",
      segment: null,
      weight: 1,
      metric: { kind: "events", event: "errors" },
      comparison: { kind: "ratio", ratioMax: 1, differenceMin: 0.005 },
      windowMs: 60_000,
      action: "roll-back",
    },
  ];
  const rollout = rolloutIn(STAGE, { ...asking(), guards, stageLimitMs: 60_000 });
  assert.equal(told(rollout, GOOD), "hold ask");
});

test("while it is frozen nothing moves forwards, and everything that moves back does", () => {
  const freezes = [{ ...WEEKEND, overridden: null }];
  const frozen = withControls(rolloutIn(STAGE), { freezes });
  const { decision } = judged(frozen, GOOD);
  assert.equal(decision.because.code, "frozen");
  assert.match(
    decision.because.text,
    /^frozen until 2026-11-30 07:00 UTC by weekend \(nobody is there\); it would advance to 25%: /,
  );
  assert.equal(told(frozen, SLOW), "roll-back guard");
  assert.equal(told(withControls(rolloutIn(PREFLIGHT), { freezes }), GOOD), "hold frozen");
  const stepping = { guards: POLICY.guards.map((g) => ({ ...g, action: "step-back" as const })) };
  const second = rolloutIn({ ...STAGE, stage: 1 }, stepping);
  assert.equal(told(withControls(second, { freezes }), SLOW), "step-back guard");
  for (const command of ["rollback", "revert", "pause"] as const) {
    assert.deepEqual(can(frozen, command, 0), { ok: true });
  }
});

test("an override lets it go on for as long as that freeze lasts, and no later one", () => {
  const frozen = apply(rolloutIn(STAGE), { type: "froze", atMs: 1, freeze: WEEKEND });
  const over = apply(frozen, { type: "overrode", atMs: 2, by: "ann", reason: "a fix" });
  assert.equal(told(over, GOOD), "advance requirements");
  const longer = apply(over, { type: "froze", atMs: 3, freeze: { ...WEEKEND, untilMs: null } });
  assert.equal(told(longer, GOOD), "advance requirements");
  const incident = { ...WEEKEND, key: "f-2", name: "ordered", by: "bob" };
  const again = apply(over, { type: "froze", atMs: 3, freeze: incident });
  assert.equal(told(again, GOOD), "hold frozen");
  const ended = apply(again, { type: "thawed", atMs: 4, key: "f-2", ended: null });
  assert.equal(told(ended, GOOD), "advance requirements");
  assert.deepEqual(can(rolloutIn(STAGE), "override", 0), { ok: false, why: "nothing freezes it" });
});

test("the way back to an old version is never frozen", () => {
  const freezes = [{ ...WEEKEND, overridden: null }];
  const back = withControls(rolloutIn(PREFLIGHT), { freezes, isReturn: true });
  assert.equal(told(back, GOOD), "advance preflight");
});

const TRIP: Trip = {
  rolloutId: "r-1",
  table: 1,
  limit: 10,
  failures: 12,
  successes: 2,
  outcomes: { server_error: 12 },
  stable: { failures: 0, successes: 90 },
  worker: "edge-1/1",
  incarnation: "i-1",
};

test("a rollout that only observes says what it would do, in both directions, and does nothing", () => {
  const observing = { atMs: 0, by: "ann", reason: "to see" };
  const rollout = withControls(rolloutIn(STAGE), { observing });
  const good = judged(rollout, GOOD).decision;
  assert.equal(good.kind, "hold");
  assert.equal(good.because.code, "would-advance");
  assert.match(good.because.text, /^would advance to 25%: held 1 min of 1 min/);
  const slow = judged(rollout, SLOW).decision;
  assert.equal(slow.kind, "hold");
  assert.equal(slow.because.code, "would-roll-back");
  assert.equal(slow.because.guard, "p99-latency");
  assert.match(slow.because.text, /^would roll back: P99 latency/);
  assert.equal(told(rollout, GOOD, 50), "hold hold");
});

test("a trip rolls back also what only observes: a worker has left the candidate already", () => {
  const observing = { atMs: 0, by: "ann", reason: "to see" };
  const rollout = withControls({ ...rolloutIn(STAGE), trip: TRIP }, { observing });
  assert.equal(told(rollout, GOOD), "roll-back tripped");
});

test("observing is switched on and off, and each only when it is the other", () => {
  const said = { atMs: 1, by: "ann", reason: "to see" };
  const acting = rolloutIn(STAGE);
  const observing = apply(acting, { type: "observed", on: true, ...said });
  assert.deepEqual(observing.controls.observing, said);
  assert.deepEqual(can(acting, "act", 0), { ok: false, why: "it acts by itself already" });
  assert.deepEqual(can(observing, "observe", 0), { ok: false, why: "it only observes already" });
  const again = apply(observing, { type: "observed", on: false, ...said });
  assert.equal(told(again, GOOD), "advance requirements");
});

test("approve says what is not to be approved", () => {
  const why = (phase: Phase, policy: Partial<Policy>): string => {
    const allowed = can(rolloutIn(phase, policy), "approve", 0);
    return allowed.ok ? "" : allowed.why;
  };
  assert.equal(why(STAGE, asking()), "");
  assert.equal(why(STAGE, {}), "the next stage, 25%, needs no approval");
  assert.equal(why({ ...STAGE, stage: 2 }, asking()), "no stage comes after this one");
  assert.match(why({ kind: "bake", sinceMs: 0, confirmedAtMs: 0 }, asking()), /not possible/);
  const given = can(approved(rolloutIn(STAGE, asking()), "ann"), "approve", 0);
  assert.deepEqual(given, { ok: false, why: "25% is approved already" });
});
