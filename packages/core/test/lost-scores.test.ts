// Answers that a live scorer lost: where the arms lose different shares, no guard of scores passes on the rest.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  absorb,
  addHeard,
  createRandom,
  decide,
  type Evidence,
  type EvidenceRow,
  emptyEvidence,
  emptyFeedback,
  emptyRow,
  type GuardAction,
  type Phase,
  type SequentialGuard,
  type Verdict,
} from "@slipway/core";
import { rolloutIn } from "./rollout-fixture.ts";

const FIRST: Phase = { kind: "stage", stage: 0, sinceMs: 0, confirmedAtMs: 0 };
const SILENT = { accepted: null, rating: null, reason: null, health: null };
const TICKS = 60;
const PER_TICK = 50;

/** Shares of answers that a scorer loses, and of the others that do not parse. */
type Answers = { readonly lost: number; readonly bad: number };

function verdictOf(
  arms: { readonly candidate: Answers; readonly stable: Answers },
  { action = "block", seed = 1, score = "parse-failures" }: Partial<Judging> = {},
): Verdict {
  const guard: SequentialGuard = {
    ...{ id: "own", test: "sequential", action, segment: null, weight: 1, windowMs: 300_000 },
    metric: { kind: "score", score },
    comparison: { kind: "ratio", ratioMax: 1, differenceMin: 0.01 },
  };
  const rollout = rolloutIn(FIRST, { guards: [guard] });
  const random = createRandom(seed);
  const rowOf = (arm: EvidenceRow["arm"], tick: number): EvidenceRow => {
    const row = emptyRow({ rolloutId: "r-1", table: 1, tick, arm, via: "split", segment: "go" });
    const feedback = emptyFeedback();
    const { lost, bad } = arms[arm];
    for (let answer = 0; answer < PER_TICK; answer++) {
      const isLost = random.next() < lost;
      const parsed = { "parse-failures": { n: 1, bad: random.next() < bad ? 1 : 0 } };
      const scores = {
        unscored: { n: 1, bad: isLost ? 1 : 0 },
        ...(isLost ? {} : parsed),
      };
      addHeard(feedback, { ...SILENT, scores }, Math.floor(random.next() * 20));
    }
    return Object.assign(row, { arrivals: PER_TICK, judged: PER_TICK, feedback });
  };
  let evidence: Evidence = emptyEvidence(1);
  for (let tick = 0; tick < TICKS; tick++) {
    evidence = absorb(evidence, rollout, {
      ...{ rolloutId: "r-1", tick, endMs: (tick + 1) * 10_000, missing: [] },
      rows: [rowOf("candidate", tick), rowOf("stable", tick)],
    });
  }
  const [verdict] = decide({ rollout, evidence }, TICKS * 10_000).verdicts;
  assert.ok(verdict !== undefined);
  return verdict;
}

type Judging = {
  readonly action: GuardAction;
  readonly seed: number;
  readonly score: string;
};

const FEW: Answers = { lost: 0.02, bad: 0.05 };

test("a guard of scores does not pass where one arm loses more answers, or fewer, and holds the stage", () => {
  for (const lost of [0.15, 0]) {
    const other = {
      candidate: { ...FEW, lost },
      stable: { ...FEW, lost: lost === 0 ? 0.1 : 0.02 },
    };
    const { status, holds, text } = verdictOf(other);
    assert.deepEqual([status, holds], ["wait", true], text);
    assert.match(text, /% of the candidate's answers could not be scored, and .*% of stable's/);
  }
});

test("a candidate of which nothing can be scored does not slip through", () => {
  const { status, holds } = verdictOf({ candidate: { lost: 1, bad: 0 }, stable: FEW });
  assert.deepEqual([status, holds], ["wait", true]);
});

test("what both arms lose alike, or by less than matters, holds nothing up, whatever chance does", () => {
  for (let seed = 1; seed <= 40; seed++) {
    const { status, holds, text } = verdictOf({ candidate: FEW, stable: FEW }, { seed });
    assert.deepEqual([status, holds], ["pass", false], text);
  }
  const little = verdictOf({ candidate: { ...FEW, lost: 0.008 }, stable: { ...FEW, lost: 0 } });
  assert.equal(little.status, "pass", little.text);
});

test("harm that shows in what was scored breaks the guard all the same, and one that only warns holds nothing", () => {
  const worse = { candidate: { lost: 0.15, bad: 0.5 }, stable: FEW };
  assert.equal(verdictOf(worse).status, "fail");
  const uneven = { candidate: { ...FEW, lost: 0.15 }, stable: FEW };
  const warned = verdictOf(uneven, { action: "warn" });
  assert.deepEqual([warned.status, warned.holds], ["wait", false]);
});

test("the loss itself can have a guard", () => {
  const uneven = { candidate: { ...FEW, lost: 0.15 }, stable: FEW };
  assert.equal(verdictOf(uneven, { score: "unscored" }).status, "fail");
});
