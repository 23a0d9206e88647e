// The life of a rollout as its journal tells it: each event in turn, and the state after it.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  apply,
  type Because,
  candidateSlotsOf,
  JournalError,
  type Move,
  type Rollout,
  type RolloutEvent,
  routesOf,
  type Version,
} from "@slipway/core";
import fc from "fast-check";
import { POLICY } from "./rollout-fixture.ts";

const BECAUSE: Because = { code: "requirements", text: "all met" };
const STARTED: RolloutEvent = {
  type: "started",
  atMs: 0,
  table: 2,
  rollout: {
    id: "r-1",
    model: "code-assistant",
    from: "gpt-5.0",
    to: "gpt-5.3",
    policy: POLICY,
    startedBy: "ann",
    reason: "better at Rust",
  },
};

function moved(atMs: number, move: Move, table: number): RolloutEvent {
  return {
    type: "moved",
    atMs,
    move,
    cause: { kind: "evidence", because: BECAUSE },
    table,
    look: null,
  };
}

function confirmed(atMs: number, table: number, expired: readonly string[] = []): RolloutEvent {
  return { type: "confirmed", atMs, table, members: 2, expired, confirmMs: 35 };
}

function after(...events: readonly RolloutEvent[]): Rollout {
  const rollout = events.reduce<Rollout | null>(apply, null);
  assert.ok(rollout);
  return rollout;
}

const version = (id: string): Version => ({ id, upstreams: [], identity: {}, fingerprint: id });
const MODEL = {
  name: "code-assistant",
  stable: "gpt-5.0",
  versions: [version("gpt-5.0"), version("gpt-5.3")],
  policy: POLICY,
};

test("a stage's hold runs from the last gateway's confirmation of its own table", () => {
  const events = [STARTED, moved(10, { kind: "advance", stage: 0 }, 3)];
  const confirmedAt = (rollout: Rollout): number | null | undefined =>
    rollout.phase.kind === "stage" ? rollout.phase.confirmedAtMs : undefined;
  assert.equal(confirmedAt(after(...events)), null);
  assert.equal(confirmedAt(after(...events, confirmed(20, 2))), null);
  assert.equal(confirmedAt(after(...events, confirmed(60, 3))), 60);
});

test("a rollback ends with the last confirmation, and names who could not be reached", () => {
  const rollout = after(
    STARTED,
    moved(10, { kind: "advance", stage: 0 }, 3),
    moved(20, { kind: "roll-back" }, 4),
    confirmed(55, 4, ["edge-2/1"]),
    { type: "drained", atMs: 90, drainedMs: 70 },
  );
  assert.deepEqual(rollout.phase, {
    kind: "rolled-back",
    from: 0,
    sinceMs: 55,
    confirmMs: 35,
    expired: ["edge-2/1"],
  });
  assert.equal(rollout.drainedMs, 70);
});

test("a step back lands paused in the lower stage, with evidence starting afresh", () => {
  const rollout = after(
    STARTED,
    moved(10, { kind: "advance", stage: 0 }, 3),
    moved(20, { kind: "advance", stage: 1 }, 4),
    moved(30, { kind: "step-back", stage: 0 }, 5),
    confirmed(40, 5),
  );
  assert.deepEqual(rollout.phase, { kind: "paused", at: 0, sinceMs: 40 });
  assert.equal(rollout.evidenceFrom, 5);
});

test("the candidate's slots follow the phase, and its route disappears when the rollout has ended", () => {
  const events: RolloutEvent[] = [STARTED];
  const split = (): number | null => {
    const rollout = after(...events);
    return routesOf([MODEL], [rollout])[0]?.split?.candidateSlots ?? null;
  };
  assert.equal(split(), 0);
  events.push(moved(10, { kind: "advance", stage: 0 }, 3));
  assert.equal(split(), 500);
  events.push(moved(20, { kind: "pause" }, 3));
  assert.equal(split(), 500);
  events.push(moved(30, { kind: "roll-back" }, 4));
  assert.equal(split(), 0);
  events.push(confirmed(40, 4));
  assert.equal(split(), null);
});

test("an event that cannot follow is refused, not ignored", () => {
  assert.throws(() => after(confirmed(1, 1)), JournalError);
  assert.throws(() => after(STARTED, STARTED), JournalError);
  assert.throws(() => after(STARTED, moved(1, { kind: "pause" }, 2)), JournalError);
  const ended = [STARTED, moved(20, { kind: "roll-back" }, 3), confirmed(30, 3)];
  assert.throws(() => after(...ended, moved(40, { kind: "advance", stage: 0 }, 4)), JournalError);
});

test("whatever is confirmed, the share of the candidate never exceeds its phase's", () => {
  const move: fc.Arbitrary<Move> = fc.oneof(
    fc.record({ kind: fc.constant("advance" as const), stage: fc.nat(2) }),
    fc.record({ kind: fc.constant("step-back" as const), stage: fc.nat(1) }),
    fc.constantFrom<Move>(
      { kind: "pause" },
      { kind: "resume" },
      { kind: "roll-back" },
      { kind: "bake" },
    ),
  );
  fc.assert(
    fc.property(fc.array(move, { maxLength: 12 }), fc.array(fc.nat(14)), (moves, confirms) => {
      let rollout = after(STARTED);
      for (const [i, step] of moves.entries()) {
        try {
          rollout = apply(rollout, moved(i, step, i + 3));
        } catch (error) {
          assert.ok(error instanceof JournalError);
        }
        for (const table of confirms) {
          const before = candidateSlotsOf(rollout.phase, rollout.policy);
          rollout = apply(rollout, confirmed(i, table));
          assert.ok(candidateSlotsOf(rollout.phase, rollout.policy) <= before);
        }
      }
    }),
  );
});
