// The rules of the outbox: how long is waited, when is given up, and what is sent next.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Answer,
  afterAttempt,
  type Notification,
  namedIn,
  nextFor,
  RETRY_AFTER_MAX_MS,
  RETRY_FIRST_MS,
  RETRY_MAX_MS,
  retryDelayMs,
  testNotice,
  wordedFor,
} from "@slipway/core";
import fc from "fast-check";

function notificationOf(number: number, thread: string, dueAtMs: number): Notification {
  return {
    ...{ number, target: "t", state: "pending", attempts: 0, dueAtMs, said: null },
    ...{ notice: { ...testNotice(`n${number}`, "ann", 0), thread } },
    ...{ giveUpAtMs: 1_000_000, settledAtMs: null },
  };
}

test("a wait is half to all of twice the wait before, up to five minutes, and the same for the same key", () => {
  fc.assert(
    fc.property(fc.string(), fc.integer({ min: 1, max: 40 }), (key, attempts) => {
      const whole = Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** (attempts - 1));
      const waitMs = retryDelayMs(key, attempts, null);
      assert.ok(waitMs >= whole / 2 && waitMs <= whole);
      assert.equal(retryDelayMs(key, attempts, null), waitMs);
    }),
  );
});

test("what a receiver asks for is waited, an hour at most", () => {
  assert.equal(retryDelayMs("k", 1, 600_000), 600_000);
  assert.ok(retryDelayMs("k", 1, 1) >= RETRY_FIRST_MS / 2);
  assert.equal(retryDelayMs("k", 1, 10 * RETRY_AFTER_MAX_MS), RETRY_AFTER_MAX_MS);
});

test("what can be tried once more before it is given up waits, and what cannot has failed", () => {
  const no: Answer = {
    ...{ ok: false, said: "500", isOfReceiver: true, isFinal: false, retryAfterMs: null },
  };
  const one = { ...notificationOf(1, "a", 0), attempts: 1 };
  const later = afterAttempt(one, no, 0);
  assert.deepEqual([later.state, later.said, later.settledAtMs], ["pending", "500", null]);
  const last = afterAttempt(one, no, 999_999);
  assert.deepEqual([last.state, last.settledAtMs], ["failed", 999_999]);
  const done = afterAttempt(one, { ok: true, said: "200" }, 7);
  assert.deepEqual([done.state, done.said, done.settledAtMs], ["delivered", "200", 7]);
});

test("what is refused for good is given up at once, and a mail remembers whom it has not reached", () => {
  const no = { ok: false, said: "400", isOfReceiver: false, retryAfterMs: null } as const;
  const one = { ...notificationOf(1, "a", 0), attempts: 1 };
  const refused = afterAttempt(one, { ...no, isFinal: true }, 5);
  assert.deepEqual([refused.state, refused.said, refused.settledAtMs], ["failed", "400", 5]);
  const partly = afterAttempt(one, { ...no, isFinal: false, left: ["bob"] }, 5);
  assert.deepEqual([partly.state, partly.left], ["pending", ["bob"]]);
});

test("of a thread nothing overtakes what waits, and of a target nothing is sent that is another's", () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ thread: fc.constantFrom("a", "b", "c"), dueAtMs: fc.nat(10) })),
      (drawn) => {
        const pending = drawn.map(({ thread, dueAtMs }, index) =>
          notificationOf(index + 1, thread, dueAtMs),
        );
        const next = nextFor("t", pending, 5);
        assert.equal(nextFor("other", pending, 5), null);
        const heads = pending.filter(
          (one) =>
            !pending.some((e) => e.number < one.number && e.notice.thread === one.notice.thread),
        );
        const due = heads.filter(({ dueAtMs }) => dueAtMs <= 5);
        assert.equal(next, due[0] ?? null);
      },
    ),
  );
});

test("a template names facts, and a test keeps its own words", () => {
  const notice = { ...testNotice("n", "ann", 0), occasion: "posted" as const };
  const templates = { posted: "{by}: {title} {incident}" };
  assert.equal(wordedFor({ templates }, notice).title, `ann: ${notice.title} `);
  assert.deepEqual(namedIn(templates.posted), ["by", "title", "incident"]);
  const test = testNotice("n", "ann", 0);
  assert.equal(wordedFor({ templates }, test).title, test.title);
});
