// What a rollout does next. One row a case: the phase, what both arms did, the time, and the decision.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  absorb,
  apply,
  type Because,
  decide,
  type Evidence,
  emptyEvidence,
  type Phase,
  type Policy,
  type Rollout,
} from "@slipway/core";
import { type ArmFacts, POLICY, rolloutIn, tickOf } from "./rollout-fixture.ts";

const PHASES = {
  stage: { kind: "stage", stage: 0, sinceMs: 0, confirmedAtMs: 0 },
  new: { kind: "stage", stage: 0, sinceMs: 0, confirmedAtMs: null },
  last: { kind: "stage", stage: 2, sinceMs: 0, confirmedAtMs: 0 },
  bake: { kind: "bake", sinceMs: 0, confirmedAtMs: 0 },
  paused: { kind: "paused", at: 0, sinceMs: 0 },
  stepping: { kind: "stepping-back", stage: 0, sinceMs: 0 },
} as const satisfies Record<string, Phase>;

const ARMS = {
  stable: { n: 1900, latencyMs: 200 },
  "slow-stable": { n: 1900, latencyMs: 800 },
  good: { n: 100, latencyMs: 210 },
  slow: { n: 100, latencyMs: 800 },
  failing: { n: 100, latencyMs: 200, errors: 5 },
  stuck: { n: 100, latencyMs: 200, overdue: 3 },
  thin: { n: 9, latencyMs: 210 },
  "thin-slow": { n: 9, latencyMs: 9000 },
  nothing: { n: 0, latencyMs: 1 },
} as const satisfies Record<string, ArmFacts>;

const { stage: STAGE, last: LAST, bake: BAKE } = PHASES;
const { stable: STABLE, good: GOOD, slow: SLOW, nothing: NOTHING } = ARMS;

// phase, what both arms did in two ticks that end at 70 s, the time in seconds, and what is decided.
const TABLE = `
  stage     stable       good       70  advance requirements  a good stage advances after its hold
  stage     stable       good       50  hold hold             a good stage holds before its hold has passed
  new       stable       good       70  hold confirmed        a stage that gateways have not confirmed holds
  stage     stable       thin       70  hold requests         thin data hold
  stage     stable       thin-slow  70  hold requests         thin data cannot roll back
  stage     stable       nothing    70  hold requests         an empty candidate holds
  stage     nothing      good       70  hold share            an empty stable arm holds
  stage     stable       good      170  hold fresh            late data hold
  stage     stable       slow       20  roll-back guard       a slow candidate is rolled back
  stage     stable       failing    20  roll-back guard       a failing candidate is rolled back
  stage     stable       stuck      20  roll-back guard       a candidate that does not finish is rolled back
  stage     slow-stable  slow       70  advance requirements  both slow alike is no regression
  paused    stable       slow       20  roll-back guard       a guard acts while paused
  stepping  stable       slow       20  roll-back guard       a guard acts while stepping back
  new       stable       slow       20  roll-back guard       a guard acts before gateways confirmed
  paused    stable       good      500  hold paused           a pause holds, however good the candidate
`;

const ROW = /^ +(\S+) +(\S+) +(\S+) +(\d+) +(\S+ \S+) +(.+)$/;

function evidenceOf(rollout: Rollout, stable: ArmFacts, candidate: ArmFacts): Evidence {
  // Two ticks, the second ending at 70 s, so that evidence is fresh there and no requests are lost.
  const start = emptyEvidence(rollout.stageTable);
  return [5, 6].reduce(
    (sum, tick) => absorb(sum, rollout, tickOf(tick, { stable, candidate })),
    start,
  );
}

function told(rollout: Rollout, evidence: Evidence, nowS: number): string {
  const { decision } = decide({ rollout, evidence }, nowS * 1000);
  return `${decision.kind === "move" ? decision.move.kind : "hold"} ${decision.because.code}`;
}

for (const line of TABLE.split("\n").filter((text) => text.trim() !== "")) {
  const [, phase = "", stable = "", candidate = "", now, expected, name = ""] =
    ROW.exec(line) ?? [];
  test(name, () => {
    const rollout = rolloutIn(PHASES[phase as keyof typeof PHASES]);
    const arms = [stable, candidate].map((arm) => ARMS[arm as keyof typeof ARMS]);
    const evidence = evidenceOf(rollout, arms[0] ?? NOTHING, arms[1] ?? NOTHING);
    assert.equal(told(rollout, evidence, Number(now)), expected);
  });
}

test("the reason names the guard, its measured value and its limit", () => {
  const rollout = rolloutIn(STAGE);
  const { decision } = decide({ rollout, evidence: evidenceOf(rollout, STABLE, SLOW) }, 20_000);
  assert.equal(decision.because.guard, "p99-latency");
  assert.equal(decision.because.limit, 2);
  assert.ok(Math.abs((decision.because.measured ?? 0) - 4) < 0.05);
  assert.equal(
    decision.because.text,
    "P99 latency 799 ms is 4x stable's 200 ms (limit 2x, 200 and 3800 requests)",
  );
});

test("a candidate that does not finish is told by how much it is slower at the least", () => {
  const rollout = rolloutIn(STAGE);
  const { decision } = decide(
    { rollout, evidence: evidenceOf(rollout, STABLE, ARMS.stuck) },
    20_000,
  );
  assert.equal(
    decision.because.text,
    "P99 latency is beyond 30 s, at least 150x stable's 200 ms (limit 2x, 200 and 3800 requests)",
  );
  assert.ok((decision.because.measured ?? 0) > 100);
});

test("after the last stage comes bake, and after bake completion, against the kept baseline", () => {
  let evidence = evidenceOf(rolloutIn(STAGE), STABLE, GOOD);
  const last = rolloutIn(LAST);
  const everyone = { n: 2000, latencyMs: 210 };
  for (let tick = 7; tick < 20; tick++) {
    evidence = absorb(evidence, last, tickOf(tick, { stable: NOTHING, candidate: everyone }));
  }
  assert.equal(told(rolloutIn(LAST, { shareTolerance: 1 }), evidence, 205), "bake requirements");
  assert.equal(
    told(rolloutIn(BAKE, { shareTolerance: 1 }), evidence, 205),
    "complete requirements",
  );
  assert.equal(told(rolloutIn(BAKE, { shareTolerance: 1 }), evidence, 110), "hold hold");
});

test("a guard that breaks in bake against the kept baseline alone steps back, to where stable has users", () => {
  let evidence = evidenceOf(rolloutIn(STAGE), STABLE, GOOD);
  const bake = rolloutIn(BAKE);
  for (let tick = 7; tick < 20; tick++) {
    evidence = absorb(
      evidence,
      bake,
      tickOf(tick, { stable: NOTHING, candidate: { n: 500, latencyMs: 900 } }),
    );
  }
  const { decision, verdicts } = decide({ rollout: bake, evidence }, 205_000);
  assert.deepEqual(decision.kind === "move" && decision.move, { kind: "step-back", stage: 1 });
  assert.deepEqual([decision.because.code, decision.because.page], ["record", true]);
  assert.match(decision.because.text, /cannot tell the version from the hour: one stage goes back/);
  assert.equal(verdicts[0]?.baseline, "kept");
});

test("with everybody on the candidate, guards act on the fullest baseline there was, however thin for another guard", () => {
  const hungry = POLICY.guards.map((guard, i) =>
    i === 0 ? { ...guard, minRequests: 100_000 } : guard,
  );
  const policy = { guards: hungry };
  let evidence = evidenceOf(rolloutIn(STAGE, policy), STABLE, GOOD);
  const bake = rolloutIn(BAKE, policy);
  for (let tick = 7; tick < 20; tick++) {
    evidence = absorb(
      evidence,
      bake,
      tickOf(tick, { stable: NOTHING, candidate: { n: 500, latencyMs: 200, errors: 400 } }),
    );
  }
  assert.equal(told(bake, evidence, 205), "step-back record");
});

test("after a step back for the record alone, harm rolls back and what both suffer stays paused", () => {
  const paused = { kind: "paused", at: 1, sinceMs: 210_000 } as const satisfies Phase;
  const since = { table: 4, stageTable: 4, evidenceFrom: 4, shareTolerance: 1 };
  const at = { ...rolloutIn(paused), ...since };
  const slow = { n: 500, latencyMs: 900 };
  const after = (stable: ArmFacts): string => {
    let evidence = evidenceOf(rolloutIn(STAGE), STABLE, GOOD);
    for (let tick = 21; tick < 27; tick++) {
      evidence = absorb(evidence, at, tickOf(tick, { stable, candidate: slow }, { table: 4 }));
    }
    return told(at, evidence, 275);
  };
  assert.equal(after({ n: 1500, latencyMs: 200 }), "roll-back guard");
  assert.equal(after({ n: 1500, latencyMs: 900 }), "hold outage");
});

test("no data is never a pass, whatever a policy says", () => {
  const guards = POLICY.guards.map((guard) => ({ ...guard, minRequests: 0 }));
  const stages = POLICY.stages.map((stage) => ({ ...stage, minRequests: 0 }));
  const rollout = rolloutIn(STAGE, { guards, stages });
  assert.equal(told(rollout, evidenceOf(rollout, STABLE, NOTHING), 70), "hold requests");
  assert.equal(told(rollout, evidenceOf(rollout, NOTHING, NOTHING), 70), "hold requests");
});

function withAction(action: "step-back" | "block" | "warn"): Partial<Policy> {
  return { guards: POLICY.guards.map((guard) => ({ ...guard, action })) };
}

test("a step-back guard steps to the stage below, and rolls back where there is none", () => {
  const first = rolloutIn(STAGE, withAction("step-back"));
  const second = rolloutIn({ ...STAGE, stage: 1 }, withAction("step-back"));
  assert.equal(told(first, evidenceOf(first, STABLE, SLOW), 20), "roll-back guard");
  assert.equal(told(second, evidenceOf(second, STABLE, SLOW), 20), "step-back guard");
});

test("bake steps back to a stage with fewer users, not to 100% again", () => {
  const bake = rolloutIn(BAKE, withAction("step-back"));
  const { decision } = decide({ rollout: bake, evidence: evidenceOf(bake, STABLE, SLOW) }, 20_000);
  assert.deepEqual(decision.kind === "move" && decision.move, { kind: "step-back", stage: 1 });
});

test("a block guard holds the stage, a warn guard lets it pass", () => {
  const blocked = rolloutIn(STAGE, withAction("block"));
  const warned = rolloutIn(STAGE, withAction("warn"));
  assert.equal(told(blocked, evidenceOf(blocked, STABLE, SLOW), 70), "hold guard");
  assert.equal(told(warned, evidenceOf(warned, STABLE, SLOW), 70), "advance requirements");
});

const BLOCKED: Because = { code: "guard", guard: "p99-latency", text: "too slow" };

/** After looks at these seconds, each of which held for its reason. */
function lookedAt(looks: readonly (readonly [atS: number, because: Because])[]): Rollout {
  const look = { watermark: 0, stateHash: "", verdicts: [] };
  return looks.reduce<Rollout>(
    (rollout, [atS, because]) =>
      apply(rollout, { type: "looked", atMs: atS * 1_000, because, look }),
    rolloutIn(STAGE, withAction("block")),
  );
}

function pagesAt(rollout: Rollout, nowS: number): boolean {
  const evidence = evidenceOf(rollout, STABLE, SLOW);
  const { decision } = decide({ rollout, evidence }, nowS * 1_000);
  assert.deepEqual([decision.kind, decision.because.code], ["hold", "guard"]);
  return decision.because.page === true;
}

test("a guard that has blocked for ten minutes pages, counted from the first look that said so", () => {
  const rollout = lookedAt([
    [70, BLOCKED],
    [300, { ...BLOCKED, guard: "errors" }],
    [500, { ...BLOCKED, page: true }],
  ]);
  assert.equal(rollout.blockedSinceMs, 70_000);
  assert.equal(pagesAt(rollout, 669), false);
  assert.equal(pagesAt(rollout, 670), true);
  const { decision } = decide({ rollout, evidence: evidenceOf(rollout, STABLE, SLOW) }, 700_000);
  assert.match(decision.because.text, /; held for 10 min and more, until a person decides$/);
});

test("whatever else it held for in between, and every move, has the ten minutes begin again", () => {
  const passing: Because = { code: "guard", text: "p99-latency has not passed yet" };
  const outage: Because = { code: "outage", text: "stable got worse", page: true };
  for (const between of [passing, outage]) {
    const rollout = lookedAt([
      [70, BLOCKED],
      [400, between],
      [401, BLOCKED],
    ]);
    assert.equal(pagesAt(rollout, 1_000), false);
    assert.equal(pagesAt(rollout, 1_001), true);
  }
  const because = { code: "operator", text: "wait" };
  const cause = { kind: "operator", by: "ann", command: "pause", because } as const;
  const moved = { type: "moved", atMs: 400_000, move: { kind: "pause" }, look: null } as const;
  const paused = apply(lookedAt([[70, BLOCKED]]), { ...moved, cause, table: 1 });
  assert.equal(pagesAt(paused, 5_000), false);
});

test("nobody is paged for a rollout that only observes, and blocks", () => {
  const rollout = lookedAt([[70, BLOCKED]]);
  const observing = { atMs: 0, by: "ann", reason: "" };
  assert.equal(pagesAt({ ...rollout, controls: { ...rollout.controls, observing } }, 5_000), false);
});

test("a tick that misses a gateway can fail, but never pass", () => {
  const judged = (candidate: ArmFacts): string => {
    const rollout = rolloutIn(STAGE);
    const start = emptyEvidence(1);
    const tick = tickOf(6, { stable: STABLE, candidate }, { missing: ["edge-2/1"] });
    return told(rollout, absorb(start, rollout, tick), 70);
  };
  assert.equal(judged(GOOD), "hold guard");
  assert.equal(judged(SLOW), "roll-back guard");
});

test("a candidate that gets far less than its share holds", () => {
  const rollout = rolloutIn({ ...STAGE, stage: 1 });
  assert.equal(told(rollout, evidenceOf(rollout, STABLE, GOOD), 70), "hold share");
});

test("a finished rollout never moves again, whatever its evidence", () => {
  const done: Phase[] = [
    { kind: "completed", sinceMs: 0, warmUntilMs: 9e9 },
    { kind: "rolled-back", from: 0, sinceMs: 0, confirmMs: 1, expired: [] },
  ];
  for (const phase of done) {
    const rollout = rolloutIn(phase);
    assert.equal(told(rollout, evidenceOf(rolloutIn(STAGE), STABLE, SLOW), 70), "hold finished");
  }
});

test("evidence from before a step back no longer judges the rollout", () => {
  const before = rolloutIn(STAGE);
  const after: Rollout = {
    ...rolloutIn({ kind: "paused", at: 0, sinceMs: 0 }),
    table: 2,
    stageTable: 2,
    evidenceFrom: 2,
  };
  let evidence = evidenceOf(before, STABLE, SLOW);
  // The tick holds late requests that the old table had assigned.
  evidence = absorb(evidence, after, tickOf(7, { stable: STABLE, candidate: SLOW }, { table: 1 }));
  assert.equal(told(after, evidence, 80), "hold paused");
  evidence = absorb(evidence, after, tickOf(8, { stable: STABLE, candidate: SLOW }, { table: 2 }));
  assert.equal(told(after, evidence, 90), "roll-back guard");
});

test("a tick is absorbed once, in order", () => {
  const rollout = rolloutIn(STAGE);
  const evidence = evidenceOf(rollout, STABLE, GOOD);
  assert.throws(
    () => absorb(evidence, rollout, tickOf(6, { stable: STABLE, candidate: GOOD })),
    /watermark/,
  );
});
