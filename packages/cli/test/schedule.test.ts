// Passes of a scheduler: what comes due while the controller cannot be asked is made up for, within a limit, and told seldom.

import assert from "node:assert/strict";
import { test } from "node:test";
import { readCron } from "@slipway/core";
import { SlipwayError } from "@slipway/wire";
import fc from "fast-check";
import { dueBySchedule, passes } from "slipway";

const AWAY = new SlipwayError({
  ...{ code: "controller_unreachable", status: 503 },
  message: "no controller answers at http://127.0.0.1:4701 (ECONNREFUSED)",
  fix: "start one: slipway controller",
});

function scheduler(): {
  readonly at: (nowMs: number, isAway?: boolean) => Promise<void>;
  readonly spans: (readonly [number, number])[];
  readonly told: string[];
} {
  const spans: (readonly [number, number])[] = [];
  const told: string[] = [];
  let now = { nowMs: 0, isAway: false };
  const pass = passes({
    what: "drift",
    look: (fromMs, toMs) => {
      if (now.isAway) return Promise.reject(AWAY);
      spans.push([fromMs, toMs]);
      return Promise.resolve();
    },
    tell: (text) => told.push(text),
    nowMs: () => now.nowMs,
  });
  const at = (nowMs: number, isAway: boolean = false): Promise<void> => {
    now = { nowMs, isAway };
    return pass();
  };
  return { at, spans, told };
}

test("what comes due while the controller does not answer is looked at when it does", async () => {
  const { at, spans } = scheduler();
  await at(20_000);
  await at(40_000, true);
  await at(60_000, true);
  await at(80_000);
  await at(100_000);
  assert.deepEqual(spans, [
    [0, 20_000],
    [20_000, 80_000],
    [80_000, 100_000],
  ]);
});

test("after more than an hour, only the last hour is made up for", async () => {
  const { at, spans } = scheduler();
  await at(20_000, true);
  await at(10 * 3_600_000);
  assert.deepEqual(spans, [[9 * 3_600_000, 10 * 3_600_000]]);
});

test("an outage of a day is told a dozen times, with where, why and how to mend it, and that it has ended", async () => {
  const { at, told } = scheduler();
  for (let pass = 1; pass <= 4_320; pass++) await at(pass * 20_000, true);
  assert.equal(told.length, 13);
  assert.match(
    told[0] ?? "",
    /^drift by schedule: the controller did not say what is due: no controller answers at http:\/\/127\.0\.0\.1:4701 \(ECONNREFUSED\); start one: slipway controller\. What comes due/,
  );
  assert.match(told[1] ?? "", /what is due \(2 times in a row\): /);
  await at(4_321 * 20_000);
  assert.equal(told.at(-1), "drift by schedule: the controller answers again");
});

/** Parts as people write them, right or wrong. */
function partOf(max: number, words: readonly string[]): fc.Arbitrary<string> {
  const value = fc.oneof(
    fc.integer({ min: 0, max: max + 1 }).map(String),
    fc.constantFrom(...words, "foo"),
  );
  const range = fc.oneof(
    fc.constant("*"),
    value,
    fc.tuple(value, value).map(([from, to]) => `${from}-${to}`),
  );
  return fc
    .tuple(range, fc.option(fc.integer({ min: 0, max: max + 1 }), { freq: 3 }))
    .map(([part, step]) => (step === null ? part : `${part}/${step}`));
}

function fieldOf(max: number, words: readonly string[] = []): fc.Arbitrary<string> {
  const part = partOf(max, words);
  return fc.oneof(
    { weight: 2, arbitrary: fc.constant("*") },
    fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join(",")),
  );
}

test("a schedule that can be applied always comes due", () => {
  const isDue = dueBySchedule();
  const decade = 10 * 366 * 86_400_000;
  let readable = 0;
  fc.assert(
    fc.property(
      fieldOf(59),
      fieldOf(23),
      fieldOf(31),
      fieldOf(12, ["jan", "FEB", "Dec"]),
      fieldOf(7, ["sun", "MON", "Sat"]),
      (...fields) => {
        const expression = fields.join(" ");
        if (!readCron(expression).ok) return;
        readable++;
        assert.ok(isDue("coder", expression, 0, decade), expression);
      },
    ),
    { numRuns: 2_000 },
  );
  assert.ok(readable > 100, `${readable} of them`);
});

test("a schedule that was kept and means nothing is said once, with how to mend it, and is never due", () => {
  const isDue = dueBySchedule();
  const look = (expression: string, hour: number): boolean =>
    isDue("coder", expression, hour * 3_600_000, (hour + 24) * 3_600_000);
  assert.throws(
    () => look("99 9 * * *", 0),
    (error) =>
      error instanceof SlipwayError &&
      /"99 9 \* \* \*" is not a cron expression: minute 99 is not from 0 to 59/.test(
        error.message,
      ) &&
      /, and apply it$/.test(error.fix ?? ""),
  );
  for (let hour = 1; hour < 50; hour++) assert.equal(look("99 9 * * *", hour), false);
  assert.throws(() => look("0 9 30 2 *", 50), /never comes/, "another one is said too");
  assert.equal(look("0 9 * * *", 51), true);
});
