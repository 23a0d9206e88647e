// What users saw, counted: arms, moves between them, and answers checked to their end.
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkAnswer, type SeenAnswer, Tally } from "@slipway/simulator";

function seen(
  user: string,
  index: number,
  arm: string,
  more: Partial<SeenAnswer> = {},
): SeenAnswer {
  return {
    user,
    index,
    arm,
    version: `${arm}-version`,
    requestId: null,
    replayedFrom: null,
    dueMs: 0,
    status: 200,
    error: null,
    ttftMs: 10,
    totalMs: 100,
    ...more,
  };
}

test("a user who changes arms is a move, and the journey keeps the order", () => {
  const tally = new Tally();
  for (const [index, arm] of ["stable", "stable", "candidate", "candidate", "stable"].entries()) {
    tally.count(seen("ann", index, arm));
  }
  tally.count(seen("bob", 5, "stable"));
  assert.deepEqual(tally.summary().moves, { "stable>candidate": 1, "candidate>stable": 1 });
  assert.deepEqual([...tally.journeys()], [["ann", { arms: ["stable", "candidate", "stable"] }]]);
});

test("an answer that was overtaken is no move back", () => {
  const tally = new Tally();
  tally.count(seen("ann", 7, "stable"));
  tally.count(seen("ann", 3, "candidate"));
  assert.deepEqual(tally.summary().moves, {});
});

test("an answer without a head moves nobody: its arm is unknown", () => {
  const tally = new Tally();
  tally.count(seen("ann", 0, "candidate"));
  tally.count(seen("ann", 1, "none", { status: 0, error: "transport" }));
  assert.deepEqual(tally.summary().moves, {});
});

test("an answer that another arm had failed before is counted as replayed, where it came from", () => {
  const tally = new Tally();
  tally.count(seen("ann", 0, "stable", { replayedFrom: "candidate" }));
  assert.equal(tally.summary().arms["stable"]?.replayed, 1);
});

test("arms are counted apart, and errors by kind", () => {
  const tally = new Tally();
  tally.count(seen("ann", 0, "stable"));
  tally.count(seen("bob", 1, "candidate", { totalMs: 800, ttftMs: null }));
  tally.count(seen("bob", 2, "candidate", { status: 503, error: "status" }));
  const { requests, ok, errors, arms } = tally.summary();
  assert.deepEqual([requests, ok, errors], [3, 2, 1]);
  assert.deepEqual(arms["candidate"]?.errors, { status: 1 });
  assert.ok(Math.abs((arms["candidate"]?.p99Ms ?? 0) / 800 - 1) < 0.02);
  assert.equal(arms["candidate"]?.ttftP50Ms, null);
  assert.equal(arms["candidate"]?.users, 1);
});

const JSON_TYPE = "application/json";
const SSE = "text/event-stream; charset=utf-8";
const answers: readonly (readonly [string, number, string, readonly string[], string | null])[] = [
  ["a whole answer", 200, JSON_TYPE, ['{"choi', 'ces":[]}'], null],
  ["an error status", 429, JSON_TYPE, ["{}"], "status"],
  ["an empty 200", 200, JSON_TYPE, [], "garbage"],
  ["a page instead of an answer", 200, JSON_TYPE, ["<html>"], "garbage"],
  ["a stream", 200, SSE, ["data: {}\n\nda", "ta: [DO", "NE]\n\n"], null],
  ["a stream without its end", 200, SSE, ["data: {}\n\n"], "truncated"],
  ["a stream with an error", 200, SSE, ['data: {"error":{}}\n\ndata: [DONE]\n\n'], "error-event"],
];
for (const [name, status, type, chunks, expected] of answers) {
  test(`an answer is checked to its end: ${name}`, () => {
    const check = checkAnswer(status, type);
    for (const chunk of chunks) check.chunk(chunk);
    assert.equal(check.end(), expected);
  });
}
