// Guards that no stage must wait for, and that hold one all the same: under suspicion, and while feedback is coming in.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  absorb,
  createRandom,
  type Decision,
  decide,
  type EvidenceRow,
  emptyEvidence,
  emptyFeedback,
  emptyRow,
  type Phase,
  type Policy,
  type SequentialGuard,
  type Verdict,
} from "@slipway/core";
import { ERRORS, rolloutIn } from "./rollout-fixture.ts";

const FIRST: Phase = { kind: "stage", stage: 0, sinceMs: 0, confirmedAtMs: 0 };
const ACCEPTANCE: SequentialGuard = {
  ...ERRORS,
  id: "acceptance",
  metric: { kind: "events", event: "acceptance" },
  comparison: { kind: "ratio", ratioMax: 1, differenceMin: 0.02 },
  action: "block",
};
const CRASHES: SequentialGuard = {
  ...ERRORS,
  id: "crashes",
  metric: { kind: "events", event: "crashes" },
};

/** Of an arm in a tick. */
type Said = { readonly n: number; readonly bad: number };
type Says = (tick: number) => { readonly candidate: Said; readonly stable: Said };

function after(
  guard: SequentialGuard,
  ticks: number,
  says: Says,
  policy: Partial<Policy> = {},
): { readonly verdict: Verdict; readonly decision: Decision } {
  const rollout = rolloutIn(FIRST, { guards: [guard], shareTolerance: 1, ...policy });
  const name = guard.id;
  let evidence = emptyEvidence(1);
  for (let tick = 0; tick < ticks; tick++) {
    const said = says(tick);
    const rowOf = (arm: EvidenceRow["arm"], requests: number): EvidenceRow => {
      const row = emptyRow({ rolloutId: "r-1", table: 1, tick, arm, via: "split", segment: "go" });
      row.arrivals = requests;
      row.judged = requests;
      row.outcomes = { ok: requests };
      const { n, bad } = said[arm];
      if (n > 0)
        row.feedback = { ...emptyFeedback(), tallies: { [name]: { n, bad, buckets: {} } } };
      return row;
    };
    const rows = [rowOf("stable", 1_900), rowOf("candidate", 100)];
    const endMs = (tick + 1) * 10_000;
    evidence = absorb(evidence, rollout, { rolloutId: "r-1", tick, endMs, missing: [], rows });
  }
  const { verdicts, decision } = decide({ rollout, evidence }, ticks * 10_000);
  const [verdict] = verdicts;
  assert.ok(verdict !== undefined);
  return { verdict, decision };
}

const NOTHING: Says = () => ({ candidate: { n: 0, bad: 0 }, stable: { n: 0, bad: 0 } });
/** Two of five are rejected on stable. */
const rejecting =
  (bad: number): Says =>
  () => ({ candidate: { n: 5, bad }, stable: { n: 50, bad: 20 } });

test("a version that many users are just judging is given to nobody else until they have", () => {
  const early = after(ACCEPTANCE, 10, rejecting(2));
  assert.equal(early.verdict.status, "wait");
  assert.equal(early.decision.because.code, "guard");
  assert.match(early.verdict.text, /to pass at a margin of 2x.*feedback is waited for 1 h at most/);
  const later = after(ACCEPTANCE, 60, rejecting(2));
  assert.equal(later.verdict.status, "pass");
  assert.equal(later.decision.kind, "move");
});

test("what users reject much more is given to nobody else, and is soon broken", () => {
  assert.equal(after(ACCEPTANCE, 20, rejecting(3)).decision.because.code, "guard");
  assert.equal(after(ACCEPTANCE, 120, rejecting(3)).verdict.status, "fail");
});

test("who says nothing, or too little to choose a test by, holds nothing", () => {
  assert.equal(after(ACCEPTANCE, 10, NOTHING).decision.kind, "move");
  const few: Says = (tick) => ({
    candidate: { n: 0, bad: 0 },
    stable: tick % 2 === 0 ? { n: 3, bad: 1 } : { n: 0, bad: 0 },
  });
  assert.equal(after(ACCEPTANCE, 10, few).decision.kind, "move");
});

test("feedback is waited for no longer than a quarter of the stage's limit", () => {
  // Too few of the candidate's users say anything for that to tell.
  const sparse: Says = (tick) => ({
    candidate: tick % 20 === 0 ? { n: 1, bad: 0 } : { n: 0, bad: 0 },
    stable: { n: 20, bad: 8 },
  });
  const limited = { stageLimitMs: 1_200_000 };
  assert.equal(after(ACCEPTANCE, 29, sparse, limited).decision.because.code, "guard");
  assert.equal(after(ACCEPTANCE, 30, sparse, limited).decision.kind, "move");
});

test("a guard that only warns waits for no feedback", () => {
  const warns = { ...ACCEPTANCE, action: "warn" as const };
  assert.equal(after(warns, 10, rejecting(2)).decision.kind, "move");
});

/** One crash in a thousand reports of stable's. */
const crashing =
  (every: number): Says =>
  (tick) => ({
    candidate: { n: 10, bad: tick % every === 0 ? 1 : 0 },
    stable: { n: 190, bad: tick % 5 === 0 ? 1 : 0 },
  });

test("rare harm that is suspected holds the stage, and says how far it is", () => {
  const suspected = after(CRASHES, 30, crashing(6));
  assert.equal(suspected.verdict.status, "wait");
  assert.equal(suspected.decision.because.code, "guard");
  assert.match(suspected.verdict.text, /evidence of harm is \d+ of 100: nobody else gets it/);
  assert.doesNotMatch(suspected.verdict.text, /to pass/);
});

test("rare feedback without suspicion holds nothing", () => {
  assert.equal(after(CRASHES, 30, crashing(1_000)).decision.kind, "move");
});

test("a healthy version is seldom under suspicion", () => {
  const random = createRandom(7);
  const binomial = (n: number): number => {
    let bad = 0;
    for (let one = 0; one < n; one++) if (random.next() < 0.01) bad++;
    return bad;
  };
  const courses = 60;
  let held = 0;
  for (let course = 0; course < courses; course++) {
    const drawn = Array.from({ length: 40 }, () => ({
      candidate: { n: 10, bad: binomial(10) },
      stable: { n: 190, bad: binomial(190) },
    }));
    const silent = { candidate: { n: 0, bad: 0 }, stable: { n: 0, bad: 0 } };
    const says: Says = (tick) => drawn[tick] ?? silent;
    if (after(CRASHES, 40, says).verdict.status === "wait") held++;
  }
  assert.ok(held <= courses * 0.1, `${held} of ${courses}`);
});
