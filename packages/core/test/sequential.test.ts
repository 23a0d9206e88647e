// Sequential guards in a rollout: what breaks them, what lets a stage pass, and what neither does.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  absorb,
  createRandom,
  type Decision,
  decide,
  type Evidence,
  emptyEvidence,
  type Guard,
  logNormal,
  marginOf,
  type Phase,
  type Policy,
  type Rollout,
  record,
  type SequentialGuard,
  type Tick,
  type Verdict,
} from "@slipway/core";
import { type ArmFacts, rolloutIn, tickOf } from "./rollout-fixture.ts";

const ERRORS: Guard & SequentialGuard = {
  id: "errors",
  test: "sequential",
  segment: null,
  weight: 1,
  metric: { kind: "events", event: "errors" },
  comparison: { kind: "ratio", ratioMax: 1, differenceMin: 0.005 },
  action: "roll-back",
  windowMs: 300_000,
};
const LATENCY: Guard & SequentialGuard = {
  id: "p99",
  test: "sequential",
  segment: null,
  weight: 1,
  metric: { kind: "latency", time: "total", quantile: 0.99, byLength: false },
  comparison: { kind: "ratio", ratioMax: 2, differenceMin: 0 },
  action: "roll-back",
  windowMs: 300_000,
};

function allowing(guard: SequentialGuard, ratioMax: number): SequentialGuard {
  return { ...guard, comparison: { kind: "ratio", ratioMax, differenceMin: 0.005 } };
}

const FIRST: Phase = { kind: "stage", stage: 0, sinceMs: 0, confirmedAtMs: 0 };
const ALONE: Phase = { kind: "stage", stage: 2, sinceMs: 0, confirmedAtMs: 0 };
const NOBODY: ArmFacts = { n: 0, latencyMs: 1 };
const STABLE: ArmFacts = { n: 1_900, latencyMs: 200, errors: 19 };
const GOOD: ArmFacts = { n: 100, latencyMs: 200, errors: 1 };

function rolloutWith(guard: Guard, phase: Phase = FIRST, policy: Partial<Policy> = {}): Rollout {
  return rolloutIn(phase, { guards: [guard], shareTolerance: 1, ...policy });
}

/** So many ticks alike, after those that the evidence already has. */
function more(
  evidence: Evidence,
  rollout: Rollout,
  ticks: number,
  make: (tick: number) => Tick,
): Evidence {
  let sum = evidence;
  for (let i = 0; i < ticks; i++) sum = absorb(sum, rollout, make(sum.watermark + 1));
  return sum;
}

function judged(rollout: Rollout, evidence: Evidence): { verdict: Verdict; decision: Decision } {
  const { verdicts, decision } = decide({ rollout, evidence }, evidence.endMs ?? 0);
  const [verdict] = verdicts;
  assert.ok(verdict);
  return { verdict, decision };
}

function after(
  guard: Guard,
  ticks: number,
  stable: ArmFacts,
  candidate: ArmFacts,
): ReturnType<typeof judged> {
  const rollout = rolloutWith(guard);
  const evidence = more(emptyEvidence(1), rollout, ticks, (tick) =>
    tickOf(tick, { stable, candidate }),
  );
  return judged(rollout, evidence);
}

test("a candidate that fails three times as often is rolled back, with the ratio's interval", () => {
  const { verdict, decision } = after(ERRORS, 30, STABLE, { ...GOOD, errors: 3 });
  assert.equal(verdict.status, "fail");
  assert.ok((verdict.finding?.low ?? 0) > 1 && (verdict.finding?.low ?? 9) < 3);
  assert.ok((verdict.finding?.high ?? 0) > 3);
  assert.equal(decision.kind === "move" && decision.move.kind, "roll-back");
  assert.match(
    decision.because.text,
    /^error ratio at least 1\.\d+x \(99%\), limit 1x; evidence \S+ of 100 \(3% against 1%\)$/,
  );
});

test("evidence grows with the harm, and a healthy candidate gives none", () => {
  const logs = [0, 1, 2, 3, 5].map(
    (errors) => after(ERRORS, 10, STABLE, { ...GOOD, errors }).verdict.finding?.logE ?? 0,
  );
  assert.deepEqual(
    logs,
    logs.toSorted((a, b) => a - b),
  );
  assert.ok((logs[1] ?? 0) < 0.5);
});

test("a healthy candidate waits until enough harm is excluded, and then passes", () => {
  const few = after(ERRORS, 10, STABLE, GOOD).verdict;
  assert.equal(few.status, "wait");
  assert.match(
    few.text,
    /^error ratio .*; evidence \S+ of 20 to pass at a margin of 2x or \+0\.5%/,
  );
  assert.equal(after(ERRORS, 100, STABLE, GOOD).verdict.status, "pass");
});

test("the reason for going on names the guards that were waited for, and counts the others", () => {
  const refusals: SequentialGuard = {
    ...ERRORS,
    id: "refusals",
    metric: { kind: "events", event: "refusals" },
    action: "block",
  };
  const rollout = rolloutIn(FIRST, { guards: [ERRORS, refusals], shareTolerance: 1 });
  const evidence = more(emptyEvidence(1), rollout, 100, (tick) =>
    tickOf(tick, { stable: STABLE, candidate: GOOD }),
  );
  const { decision } = decide({ rollout, evidence }, evidence.endMs ?? 0);
  assert.equal(decision.kind === "move" && decision.move.kind, "advance");
  assert.match(
    decision.because.text,
    /judged, errors passed at a margin of 2x or \+0\.5%, 1 other guard is silent$/,
  );
});

test("a candidate with as much harm as the margin does not pass", () => {
  const { verdict } = after(allowing(ERRORS, 1.9), 100, STABLE, { ...GOOD, errors: 2 });
  assert.equal(verdict.finding?.going.margin, 2);
  assert.equal(verdict.status, "wait");
});

test("what fails rarely passes by its absolute margin, long before its ratio is known", () => {
  const rare = after(ERRORS, 20, { ...STABLE, errors: 0 }, { ...GOOD, errors: 0 }).verdict;
  assert.equal(rare.finding?.going.excluded, null);
  assert.equal(rare.status, "pass");
});

/** Half of the requests to the candidate, as a third stage has. */
function third(errors: number, stableErrors: number): Verdict {
  const rollout = rolloutWith(ERRORS, ALONE, { stages: [5, 25, 50].map(staged) });
  const evidence = more(emptyEvidence(1), rollout, 60, (tick) =>
    tickOf(tick, {
      stable: { n: 1_000, latencyMs: 200, errors: stableErrors },
      candidate: { n: 1_000, latencyMs: 200, errors },
    }),
  );
  return judged(rollout, evidence).verdict;
}

function staged(percent: number): Policy["stages"][number] {
  return { percent, holdMs: 60_000, minRequests: 100 };
}

test("less harm than matters is let pass while the ratio's margin is not excluded yet", () => {
  const { finding, status } = third(11, 10);
  assert.equal(finding?.going.margin, 1.25);
  assert.ok((finding?.going.excluded ?? 9) > 1.25);
  assert.equal(status, "pass");
});

test("as much harm as matters is not let pass, whichever way it is measured", () => {
  assert.notEqual(third(15, 10).status, "pass");
  assert.ok((third(15, 10).finding?.going.logE ?? 9) < 0);
});

test("a difference that does not matter breaks nothing, however certain it is", () => {
  const stable = { n: 190_000, latencyMs: 200, errors: 190 };
  const small = after(ERRORS, 5, stable, { n: 10_000, latencyMs: 200, errors: 30 }).verdict;
  assert.ok((small.finding?.logE ?? 0) > Math.log(100));
  assert.notEqual(small.status, "fail");
});

/** Both arms log-normal, the candidate slower by a factor. */
function slowerBy(factor: number): (tick: number) => Tick {
  const random = createRandom(7);
  return (tick) => {
    const made = tickOf(tick, { stable: NOBODY, candidate: NOBODY });
    for (const row of made.rows) {
      const n = row.arm === "stable" ? 950 : 50;
      const median = row.arm === "stable" ? 50 : 50 * factor;
      row.arrivals = n;
      row.judged = n;
      for (let i = 0; i < n; i++) record(row.latency.total, logNormal(random, median, 0.8));
    }
    return made;
  };
}

test("P99 at four times stable's is rolled back, at one and a half times it is not", () => {
  const rollout = rolloutWith(LATENCY);
  const slow = judged(rollout, more(emptyEvidence(1), rollout, 12, slowerBy(4))).verdict;
  assert.equal(slow.status, "fail");
  assert.match(slow.text, /^P99 latency ratio at least \S+x \(99%\), limit 2x/);
  const allowed = judged(rollout, more(emptyEvidence(1), rollout, 120, slowerBy(1.5))).verdict;
  assert.notEqual(allowed.status, "fail");
  const [low, high] = [allowed.finding?.low ?? 0, allowed.finding?.high ?? 0];
  assert.ok(low > 1 && low < 1.5 && high > 1.5 && high <= 2, `${low} to ${high}`);
});

test("requests that never finish are slower than every limit", () => {
  const stuck = after(
    LATENCY,
    12,
    { ...STABLE, errors: 0 },
    { n: 100, latencyMs: 200, overdue: 10 },
  );
  assert.equal(stuck.verdict.status, "fail");
});

test("without requests of both arms there is no evidence, and no pass", () => {
  for (const [stable, candidate] of [
    [NOBODY, GOOD],
    [STABLE, NOBODY],
  ] as const) {
    for (const guard of [ERRORS, LATENCY]) {
      const { verdict } = after(guard, 30, stable, candidate);
      assert.equal(verdict.status, "wait");
      assert.ok(Math.abs(verdict.finding?.logE ?? 9) < 1e-9);
    }
  }
});

test("a tick that misses a gateway counts as harm, and never for the candidate", () => {
  const rollout = rolloutWith(ERRORS);
  const partial = (candidate: ArmFacts) => (tick: number) =>
    tickOf(tick, { stable: STABLE, candidate }, { missing: ["edge-2/1"] });
  const bad = more(emptyEvidence(1), rollout, 30, partial({ ...GOOD, errors: 3 }));
  assert.equal(judged(rollout, bad).verdict.status, "fail");
  const good = judged(rollout, more(emptyEvidence(1), rollout, 100, partial(GOOD))).verdict;
  assert.equal(good.status, "wait");
  assert.equal(good.finding?.going.logE, 0);
});

test("with everybody on the candidate it is held against stable's record", () => {
  const before = rolloutWith(ERRORS);
  const start = more(emptyEvidence(1), before, 60, (tick) =>
    tickOf(tick, { stable: STABLE, candidate: GOOD }),
  );
  const alone = rolloutWith(ERRORS, ALONE);
  const everybody = (errors: number) => (tick: number) =>
    tickOf(tick, { stable: NOBODY, candidate: { n: 2_000, latencyMs: 200, errors } });
  assert.notEqual(judged(alone, more(start, alone, 60, everybody(20))).verdict.status, "fail");
  const worse = judged(alone, more(start, alone, 40, everybody(60))).verdict;
  assert.equal(worse.status, "fail");
  assert.equal(worse.baseline, "kept");
});

test("one segment that fails breaks the guard, and is named", () => {
  const rollout = rolloutWith(ERRORS);
  const tick = (number: number): Tick => {
    const parts = ["go", "rust"].map((segment) => {
      const errors = segment === "rust" ? 4 : 0;
      const made = tickOf(number, {
        stable: { n: 950, latencyMs: 200, errors: 10 },
        candidate: { n: 50, latencyMs: 200, errors },
      });
      return made.rows.map((row) => ({ ...row, segment }));
    });
    return { ...tickOf(number, { stable: NOBODY, candidate: NOBODY }), rows: parts.flat() };
  };
  const { verdict } = judged(rollout, more(emptyEvidence(1), rollout, 20, tick));
  assert.equal(verdict.status, "fail");
  assert.equal(verdict.finding?.segment, "rust");
  assert.match(verdict.text, /^error ratio in rust at least/);
});

test("segments without end are counted together", () => {
  const rollout = rolloutWith(ERRORS);
  const evidence = more(emptyEvidence(1), rollout, 300, (number) => {
    const made = tickOf(number, { stable: STABLE, candidate: GOOD });
    return { ...made, rows: made.rows.map((row) => ({ ...row, segment: `s${number}` })) };
  });
  const segments = Object.keys(evidence.tests["errors"]?.segments ?? {});
  assert.equal(segments.length, 201);
  assert.ok(segments.includes("other"));
});

test("evidence is JSON as it stands", () => {
  const rollout = rolloutWith(LATENCY);
  const evidence = more(emptyEvidence(1), rollout, 5, (tick) =>
    tickOf(tick, { stable: STABLE, candidate: GOOD }),
  );
  assert.deepEqual(JSON.parse(JSON.stringify(evidence.tests)), evidence.tests);
});

test("after a step back evidence is gathered afresh", () => {
  const before = rolloutWith(ERRORS);
  const broken = more(emptyEvidence(1), before, 30, (tick) =>
    tickOf(tick, { stable: STABLE, candidate: { ...GOOD, errors: 3 } }),
  );
  const back = { ...before, table: 2, stageTable: 2, evidenceFrom: 2 };
  assert.equal(judged(back, broken).verdict.status, "wait");
  const next = absorb(broken, back, tickOf(30, { stable: STABLE, candidate: GOOD }, { table: 2 }));
  assert.equal(judged(back, next).verdict.status, "wait");
});

test("at the stage's limit it asks, and says which harm is not excluded", () => {
  const rollout = rolloutWith(ERRORS, FIRST, { stageLimitMs: 100_000 });
  const made = (ticks: number): Decision =>
    judged(
      rollout,
      more(emptyEvidence(1), rollout, ticks, (tick) =>
        tickOf(tick, { stable: STABLE, candidate: { ...GOOD, errors: 1 } }),
      ),
    ).decision;
  assert.equal(made(9).because.code, "guard");
  const asked = made(12);
  assert.equal(asked.kind, "hold");
  assert.equal(asked.because.code, "ask");
  assert.match(asked.because.text, /errors: .*not excluded|errors: no ratio is excluded yet/);
});

test("margins shrink from stage to stage, are wide again in bake, and grow with what the guard allows", () => {
  const margins = (guard: SequentialGuard): readonly number[] =>
    [0, 1, 2, 3, "bake" as const].map((place) => marginOf(guard, place));
  assert.deepEqual(margins(ERRORS), [2, 1.5, 1.25, 1.25, 2]);
  assert.deepEqual(margins(LATENCY), [2, 1.5, 1.25, 1.25, 2]);
  assert.deepEqual(margins(allowing(LATENCY, 5)), [5, 3, 2, 2, 5]);
});
