// Stable got worse too: whether the candidate gives back what it got, or nobody is moved; and that a healthy stable is
// not taken for a worse one.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  absorb,
  apply,
  createRandom,
  decide,
  type Evidence,
  emptyEvidence,
  noStableLevel,
  type Phase,
  type Rollout,
  watchStable,
  worseOf,
} from "@slipway/core";
import { type ArmFacts, rolloutIn, tickOf } from "./rollout-fixture.ts";

const SECOND = { kind: "stage", stage: 1, sinceMs: 0, confirmedAtMs: 0 } as const satisfies Phase;
const FIRST = { ...SECOND, stage: 0 };
const GOOD: ArmFacts = { n: 200, latencyMs: 200, errors: 1 };
const BROKEN: ArmFacts = { n: 200, latencyMs: 200, errors: 80 };
const LIMITED: ArmFacts = { n: 200, latencyMs: 200, limited: 30 };
const SLOW: ArmFacts = { n: 200, latencyMs: 1_000 };
const SLOWER: ArmFacts = { n: 200, latencyMs: 500 };
const BOTH_GOOD = { stable: GOOD, candidate: GOOD };

type Arms = { readonly stable: ArmFacts; readonly candidate: ArmFacts };

/** Both arms get as many requests, whatever the stage says. */
const UNEVEN = { shareTolerance: 9, representative: "warn" } as const;

/** A rollout in its second stage, that began with table 2; in the first both arms were good. */
class Course {
  evidence: Evidence = emptyEvidence(1);
  rollout: Rollout;
  #tick = 0;

  constructor(sharedPools: readonly string[], stage: Phase = SECOND, policy = {}) {
    this.rollout = { ...rolloutIn(FIRST, { ...UNEVEN, ...policy }), sharedPools };
    if (stage === FIRST) return;
    this.ticks(6, BOTH_GOOD);
    this.rollout = { ...this.rollout, phase: SECOND, stageTable: 2, table: 2 };
  }

  ticks(count: number, arms: Arms, missing: readonly string[] = []): this {
    for (let i = 0; i < count; i++) {
      const table = this.rollout.stageTable;
      const tick = tickOf(this.#tick++, arms, { table, missing });
      this.evidence = absorb(this.evidence, this.rollout, tick);
    }
    return this;
  }

  get nowMs(): number {
    return (this.evidence.endMs ?? 0) + 1;
  }

  decided() {
    return decide(this, this.nowMs).decision;
  }
}

const alike = (facts: ArmFacts): Arms => ({ stable: facts, candidate: facts });

test("both arms worse since the candidate has more users of a shared pool: it steps back and pages", () => {
  const decision = new Course(["openai"]).ticks(2, alike(BROKEN)).decided();
  assert.ok(decision.kind === "move");
  assert.deepEqual(decision.move, { kind: "step-back", stage: 0 });
  assert.equal(decision.because.code, "shared-pool");
  assert.equal(decision.because.page, true);
  assert.match(
    decision.because.text,
    /40% of its requests fail, it was 0.5%; both versions use pool openai/,
  );
});

test("both arms worse with nothing in common that is known: it holds and pages, and moves nobody", () => {
  const course = new Course([]);
  for (let i = 0; i < 30; i++) {
    const decision = course.ticks(1, alike(BROKEN)).decided();
    assert.equal(decision.kind, "hold");
    assert.equal(decision.because.code, "outage");
    assert.equal(decision.because.page, true);
  }
});

test("once stable has recovered the rollout goes on by itself", () => {
  const course = new Course([]).ticks(20, alike(BROKEN)).ticks(1, BOTH_GOOD);
  assert.equal(course.decided().because.page, true, "one good tick is no recovery yet");
  const decision = course.ticks(8, BOTH_GOOD).decided();
  assert.deepEqual(decision.kind === "move" && decision.move, { kind: "advance", stage: 2 });
});

test("a tick that misses a member can find stable worse, and never find it recovered", () => {
  const course = new Course([]).ticks(2, alike(BROKEN), ["edge-2/0"]);
  assert.equal(course.decided().because.code, "outage");
  assert.equal(course.ticks(8, BOTH_GOOD, ["edge-2/0"]).decided().because.code, "outage");
});

test("more refusals for a limit are taken for ours, whatever the pools are called", () => {
  const { because } = new Course([]).ticks(3, { stable: LIMITED, candidate: GOOD }).decided();
  assert.equal(because.code, "shared-pool");
  assert.match(because.text, /15% of its requests are refused for a limit, it was 0%/);
});

test("a stable that is five times slower is worse; two and a half times may be a swing of the load", () => {
  const slow = new Course(["openai"]).ticks(3, alike(SLOW)).decided();
  assert.equal(slow.because.code, "shared-pool");
  assert.match(slow.because.text, /its P99 latency is 994 ms, it was 200 ms/);
  const slower = new Course(["openai"]).ticks(30, alike(SLOWER));
  assert.equal(slower.decided().because.page, undefined);
});

test("in the first stage nothing is known from before: it holds, whatever is shared", () => {
  const course = new Course(["openai"], FIRST).ticks(3, BOTH_GOOD).ticks(3, alike(BROKEN));
  assert.equal(course.decided().because.code, "outage");
});

test("after a step back it does not step back again: what stays bad is not for more users", () => {
  const course = new Course(["openai"]).ticks(2, alike(BROKEN));
  const paused = { kind: "paused", at: 0, sinceMs: 0 } as const;
  course.rollout = { ...course.rollout, phase: paused, stageTable: 3, table: 3, evidenceFrom: 3 };
  const decision = course.ticks(3, alike(BROKEN)).decided();
  assert.equal(decision.kind, "hold");
  assert.equal(decision.because.code, "outage");
});

test("a candidate that is worse than a broken stable is still rolled back", () => {
  const worse = { stable: BROKEN, candidate: { ...BROKEN, errors: 190 } };
  const decision = new Course([]).ticks(2, worse).decided();
  assert.deepEqual(decision.kind === "move" && decision.move, { kind: "roll-back" });
});

test("an outage just after a stage grew is no fault of the candidate, though it has the larger part in the window", () => {
  // One part in twenty of the requests before the stage, half of them in it: of the window's failures far more.
  const course = new Course([], FIRST);
  course.ticks(6, { stable: { ...GOOD, n: 950 }, candidate: { ...GOOD, n: 50, errors: 0 } });
  const grownMs = course.nowMs;
  const stage = { ...SECOND, sinceMs: grownMs, confirmedAtMs: grownMs };
  course.rollout = { ...course.rollout, phase: stage, stageTable: 2, table: 2 };
  const down = { ...GOOD, n: 500, errors: 500 };
  const { decision, verdicts } = decide(course.ticks(2, alike(down)), course.nowMs);
  assert.equal(decision.because.code, "outage");
  assert.ok(verdicts.every(({ status }) => status !== "fail"));

  // Where the candidate alone is down, in the same place, it goes back at once.
  const other = new Course([], FIRST);
  other.ticks(6, { stable: { ...GOOD, n: 950 }, candidate: { ...GOOD, n: 50, errors: 0 } });
  other.rollout = { ...other.rollout, phase: stage, stageTable: 2, table: 2 };
  const worse = { stable: { ...GOOD, n: 500 }, candidate: down };
  const alone = other.ticks(2, worse).decided();
  assert.deepEqual(alone.kind === "move" && alone.move, { kind: "roll-back" });
});

test("a worse candidate goes back one stage where stable refuses requests already, and what can wait is shed", () => {
  const worse = { stable: LIMITED, candidate: { ...LIMITED, errors: 20 } };
  const decision = new Course([]).ticks(3, worse).decided();
  assert.ok(decision.kind === "move");
  assert.deepEqual(decision.move, { kind: "step-back", stage: 0 });
  assert.equal(decision.shed, true);
  assert.equal(decision.because.code, "strained");
  assert.equal(decision.because.page, true);
  assert.match(
    decision.because.text,
    /\+2%.*; but .*15% of its requests are refused.*one stage goes back/,
  );
});

test("a plainly broken candidate loses everybody, whatever stable can take", () => {
  const broken = { stable: LIMITED, candidate: { ...GOOD, errors: 120 } };
  const decision = new Course([]).ticks(3, broken).decided();
  assert.ok(decision.kind === "move");
  assert.deepEqual(decision.move, { kind: "roll-back" });
  assert.equal(decision.shed, true);
  assert.match(decision.because.text, /everybody goes back all the same/);
});

test("where stable is well a worse candidate is rolled back as ever, and nobody is paged", () => {
  const decision = new Course([])
    .ticks(3, { stable: GOOD, candidate: { ...GOOD, errors: 20 } })
    .decided();
  assert.ok(decision.kind === "move");
  assert.deepEqual(decision.move, { kind: "roll-back" });
  assert.equal(decision.shed, undefined);
  assert.equal(decision.because.page, undefined);
});

test("what is shed is so until the rollout moves again", () => {
  const { rollout } = new Course([]);
  const cause = { kind: "evidence", because: { code: "strained", text: "" } } as const;
  const moved = { type: "moved", atMs: 1, cause, table: 3, look: null } as const;
  const back = apply(rollout, { ...moved, move: { kind: "step-back", stage: 0 }, shed: true });
  const confirmed = { atMs: 2, table: 3, members: 1, expired: [], confirmMs: 1 };
  const paused = apply(back, { type: "confirmed", ...confirmed });
  assert.equal(paused.shed, true);
  assert.equal(apply(paused, { ...moved, move: { kind: "resume" } }).shed, undefined);
});

test("a way back, which has no guards, is held by nothing", () => {
  const course = new Course([], SECOND, { guards: [] }).ticks(8, alike(BROKEN));
  assert.equal(course.decided().because.page, undefined);
});

test("a stable at the edge of its margin is called worse in no more than one of a hundred", () => {
  const rollout = { ...rolloutIn(FIRST), phase: SECOND, stageTable: 2 };
  let alarms = 0;
  for (let seed = 1; seed <= 300; seed++) {
    const random = createRandom(seed);
    const drawn = (rate: number): ArmFacts => {
      let errors = 0;
      for (let i = 0; i < 100; i++) if (random.next() < rate) errors++;
      return { n: 100, latencyMs: 200, errors };
    };
    let known = noStableLevel(1);
    const feed = (tick: number, rate: number, at: Rollout): void => {
      const arms = { stable: drawn(rate), candidate: GOOD };
      known = watchStable(known, at, tickOf(tick, arms, { table: at.stageTable }), 1_000);
    };
    for (let tick = 0; tick < 30; tick++) feed(tick, 0.02, rolloutIn(FIRST));
    let isWorse = false;
    for (let tick = 30; tick < 330; tick++) {
      feed(tick, 0.04, rollout);
      isWorse ||= worseOf(known.watches).length > 0;
    }
    if (isWorse) alarms++;
  }
  assert.ok(alarms <= 3, `${alarms} of 300`);
});
