// Feedback about answers: which id joins it to which arm, what is refused, and what is counted, and once.
import assert from "node:assert/strict";
import { mkdtempSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { SLOTS } from "@slipway/core";
import fc from "fast-check";
import { feedbackKeys, hmacSigner } from "../src/edge/feedback-key.ts";
import { type Answered, answerId, readAnswerId } from "../src/feedback/answer-id.ts";
import { FEEDBACK_PER_MINUTE_MAX, FeedbackDesk } from "../src/feedback/feedback-desk.ts";
import { routeOf, splitOf, tableOf } from "./fixtures.ts";
import { chat, FakeExchange, World } from "./virtual-world.ts";

const DAY_MS = 86_400_000;
const KEY = "a key of more than sixteen letters";

function worldAt(candidateSlots: number): World {
  return World.leased(tableOf(1, routeOf({ split: splitOf(candidateSlots) })));
}

/** The id of an answer of `status`. */
function answered(world: World, status = 200): string {
  const exchange = world.ask(chat("ann"));
  world.lastCall.answer(status);
  return exchange.header("x-slipway-request-id") ?? "";
}

function tell(world: World, body: object | string): FakeExchange {
  return world.ask(new FakeExchange(body, [], "/v1/feedback"));
}

function codeOf({ received }: FakeExchange): string {
  return JSON.parse(received).error.code;
}

test("feedback is counted with the arm, segment, rollout and table of its answer, in the tick it came in", () => {
  const world = worldAt(SLOTS);
  const id = answered(world);
  world.pass(3_000);
  const told = tell(world, { request_id: id, accepted: true, rating: "up", reason: "Just right" });
  assert.deepEqual(
    [told.status, JSON.parse(told.received)],
    [200, { object: "feedback", request_id: id, counted: true }],
  );
  world.pass(2_000);
  const [first, row, ...others] = world.rows;
  assert.deepEqual([first?.arrivals, first?.feedback, others], [1, null, []]);
  assert.ok(first !== undefined && row !== undefined && row.tick >= first.tick + 3);
  const { rolloutId, table, arm, via, segment, arrivals, judged, feedback } = row;
  assert.deepEqual(
    { rolloutId, table, arm, via, segment, arrivals, judged },
    {
      ...{ rolloutId: "r1", table: 1, arm: "candidate", via: "split" },
      ...{ segment: "all", arrivals: 0, judged: 0 },
    },
  );
  assert.equal(feedback?.accepted, 1);
  assert.deepEqual(feedback?.ratings, { up: 1, neutral: 0, down: 0 });
  assert.deepEqual(feedback?.reasons, { "just right": 1 });
});

test("an answer that stable gave in the candidate's place is stable's", () => {
  const world = worldAt(SLOTS);
  const exchange = world.ask(chat("ann"));
  world.lastCall.answer(500);
  world.lastCall.answer();
  assert.equal(exchange.header("x-slipway-replayed"), "candidate");
  tell(world, { request_id: exchange.header("x-slipway-request-id"), accepted: false });
  world.pass(2_000);
  const row = world.rows.find(({ feedback }) => feedback !== null);
  assert.deepEqual([row?.arm, row?.feedback?.rejected], ["stable", 1]);
});

test("without a rollout feedback reaches the metrics, and no evidence", () => {
  const world = World.leased(tableOf(1, routeOf()));
  tell(world, { request_id: answered(world), rating: 2 });
  world.pass(2_000);
  assert.deepEqual(world.rows, []);
  const [answer, heard] = world.heard[0] ?? [];
  assert.deepEqual(
    [answer?.model, answer?.version, answer?.arm, answer?.cohort, heard?.rating],
    ["gpt-5", "v1", "stable", null, "down"],
  );
});

test("a client's health is counted by the same door", () => {
  const world = worldAt(SLOTS);
  const client = {
    memory_bytes: 512 * 2 ** 20,
    crashes: 2,
    version: "1.2.0",
    ui_latency_p95_ms: 40,
  };
  const told = tell(world, { request_id: answered(world), client });
  assert.equal(told.status, 200);
  world.pass(2_000);
  const health = world.rows.find(({ feedback }) => feedback !== null)?.feedback?.health;
  assert.deepEqual([health?.reports, health?.crashes], [1, 2]);
  assert.deepEqual(health?.versions, { "1.2.0": { reports: 1, crashes: 2 } });
});

test("the same feedback again counts once, and what it adds counts", () => {
  const world = worldAt(SLOTS);
  const id = answered(world);
  const counted = (body: object): boolean =>
    JSON.parse(tell(world, { request_id: id, ...body }).received).counted;
  assert.equal(counted({ accepted: true }), true);
  assert.equal(counted({ accepted: true }), false);
  assert.equal(counted({ accepted: false }), false);
  assert.equal(counted({ accepted: false, rating: 5 }), true);
  assert.deepEqual(
    world.heard.map(([, heard]) => [heard.accepted, heard.rating]),
    [
      [true, null],
      [null, "up"],
    ],
  );
});

test("scores are counted by name, once each, with the bucket of the user who got the answer", () => {
  const world = worldAt(SLOTS);
  const id = answered(world);
  const score = (scores: object): boolean =>
    JSON.parse(tell(world, { request_id: id, scores }).received).counted;
  assert.equal(score({ "parse-failures": { n: 4, bad: 1 } }), true);
  assert.equal(score({ "parse-failures": { n: 4, bad: 4 } }), false);
  assert.equal(
    score({ "parse-failures": { n: 4, bad: 4 }, "unknown-names": { n: 9, bad: 0 } }),
    true,
  );
  assert.equal(tell(world, { request_id: id, scores: { "a b": { n: 1, bad: 0 } } }).status, 400);
  assert.equal(tell(world, { request_id: id, scores: { ab: { n: 1, bad: 2 } } }).status, 400);
  world.pass(2_000);
  const tallies = world.rows.find(({ feedback }) => feedback !== null)?.feedback?.tallies ?? {};
  const found = Object.entries(tallies).map(([name, { n, bad, buckets }]) => [
    name,
    n,
    bad,
    Object.values(buckets),
  ]);
  assert.deepEqual(found, [
    ["score:parse-failures", 4, 1, [{ n: 4, bad: 1 }]],
    ["score:unknown-names", 9, 0, [{ n: 9, bad: 0 }]],
  ]);
});

test("ids that are forged, foreign, too old or none at all are refused in so many words", () => {
  const world = worldAt(SLOTS);
  const id = answered(world);
  const refused = (body: object | string): readonly [number, string] => {
    const told = tell(world, body);
    return [told.status, codeOf(told)];
  };
  const forged = id.replace("~c0", "~s0");
  assert.notEqual(forged, id);
  assert.deepEqual(refused({ request_id: forged, accepted: true }), [403, "unknown_request_id"]);
  assert.deepEqual(refused({ request_id: "chatcmpl-1", accepted: true }), [
    400,
    "invalid_request_id",
  ]);
  assert.deepEqual(refused({ request_id: id.slice(0, 40), accepted: true }), [
    400,
    "invalid_request_id",
  ]);
  assert.deepEqual(refused({ accepted: true }), [400, "invalid_feedback"]);
  assert.deepEqual(refused({ request_id: id }), [400, "invalid_feedback"]);
  assert.deepEqual(refused({ request_id: id, rating: 9 }), [400, "invalid_feedback"]);
  assert.deepEqual(refused("no json"), [400, "invalid_json"]);
  assert.deepEqual(refused({ request_id: id, reason: "x".repeat(20_000) }), [
    413,
    "request_too_large",
  ]);
  world.clock.advance(DAY_MS + 2_000);
  assert.deepEqual(refused({ request_id: id, accepted: true }), [410, "expired_request_id"]);
  assert.deepEqual(world.heard, []);
});

test("no sender floods the counts: what is too much gets 429, and others are still heard", () => {
  const desk = new FeedbackDesk();
  for (let i = 0; i < FEEDBACK_PER_MINUTE_MAX; i++) assert.equal(desk.admit("one", 0), 0);
  assert.ok(desk.admit("one", 0) > 0);
  assert.equal(desk.admit("two", 0), 0);
  assert.equal(desk.admit("one", 60_000), 0);
});

test("every id comes back as it went out, whatever the names, and no changed one does", () => {
  const name = fc.string({ minLength: 1, maxLength: 30, unit: "grapheme" });
  const signer = hmacSigner([KEY]);
  const id = fc.stringMatching(/^[A-Za-z0-9_-]{16}$/);
  const cohort = fc.record(
    {
      rolloutId: name,
      table: fc.nat(),
      tick: fc.nat(2 ** 31 - 1),
      via: fc.constantFrom("split", "ring", "excluded", "kept"),
      bucket: fc.option(fc.nat(19)),
    },
    { noNullPrototype: true },
  );
  const answers: fc.Arbitrary<Answered> = fc.record(
    {
      ...{ id, model: name, version: name, segment: fc.string({ maxLength: 30 }) },
      arm: fc.constantFrom("stable", "candidate"),
      cohort: fc.option(cohort),
    },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(answers, fc.nat(2 ** 40), fc.nat(), (answer, issuedMs, at) => {
      const text = answerId(signer, answer, issuedMs);
      assert.match(text, /^[\w.!'()*%~-]+$/);
      if (text.length <= 1_024) assert.deepEqual(readAnswerId(signer, text, issuedMs), answer);
      const place = at % text.length;
      const changed = `${text.slice(0, place)}${text[place] === "x" ? "y" : "x"}${text.slice(place + 1)}`;
      assert.equal(typeof readAnswerId(signer, changed, issuedMs), "string");
    }),
  );
});

test("half a character in a segment breaks no answer", () => {
  const half = { id: "i", model: "m", version: "v", segment: "\ud800", arm: "stable" } as const;
  assert.match(answerId(hmacSigner([KEY]), { ...half, cohort: null }, 0), /~%EF%BF%BD~/);
});

test("an id of a usual answer is about a hundred letters long", () => {
  const answer: Answered = {
    ...{ id: "AbCdEfGhIjKlMnOp", model: "code-assistant", version: "gpt-5.3", arm: "candidate" },
    segment: "typescript",
    cohort: { rolloutId: "4f7a2ckjm3xq", table: 42, tick: 178_000_000, via: "split", bucket: 7 },
  };
  assert.ok(answerId(hmacSigner([KEY]), answer, 1_780_000_000_000).length <= 105);
});

test("a gateway makes its key once, for itself alone; a shared one may be changed without refusing what is under way", () => {
  const folder = mkdtempSync(join(tmpdir(), "slipway-feedback-"));
  const made = feedbackKeys(folder, null);
  assert.deepEqual(feedbackKeys(folder, null), made);
  assert.equal(statSync(join(folder, "feedback-key")).mode & 0o777, 0o600);
  const old = hmacSigner(feedbackKeys(folder, "the old key of us all"));
  const both = hmacSigner(feedbackKeys(folder, "the new key of us all,the old key of us all"));
  assert.ok(both.verifies("text", old.sign("text")));
  assert.ok(!old.verifies("text", both.sign("text")));
  assert.throws(() => feedbackKeys(folder, "short"), { code: "bad_feedback_key" });
});
