// What a cron expression may say, and what is told of one that means nothing.

import assert from "node:assert/strict";
import { test } from "node:test";
import { readCron } from "@slipway/core";

test("numbers, names, ranges, steps and lists are read, however they are spaced", () => {
  for (const text of [
    "* * * * *",
    "*/5 0-23 1,15 * 0-7",
    "0 9 * jan-MAR Mon",
    "0-30/10,45 9 29 2 *",
    "0 9 31 2 MON",
    "0 9 31 FEB,MAR *",
  ]) {
    assert.deepEqual(readCron(text), { ok: true, value: text });
  }
  assert.deepEqual(readCron("  0  9 * *   MON "), { ok: true, value: "0 9 * * MON" });
});

const REFUSED: readonly (readonly [text: string, because: RegExp])[] = [
  ["", /^"" is not a cron expression$/],
  ["daily", /^"daily" is not a cron expression$/],
  ["0 0 9 * * *", /not a cron expression$/],
  ["99 9 * * *", /: minute 99 is not from 0 to 59$/],
  ["0 25 * * *", /: hour 25 is not from 0 to 23$/],
  ["0 9 0 * *", /: day 0 is not from 1 to 31$/],
  ["0 9 * FOO *", /: month FOO is not from 1 to 12$/],
  ["0 9 * * JAN", /: weekday JAN is not from 0 to 7$/],
  ["0 9 * * MON-8", /: weekday 8 is not from 0 to 7$/],
  ["30-10 9 * * *", /: minute "30-10" ends before it begins$/],
  ["*/0 9 * * *", /: minute "\*\/0" has a step that is not from 1 to 59$/],
  ["5/10 9 * * *", /: minute "5\/10" steps from a number; write \*\/10, or a range$/],
  ["0,,5 9 * * *", /: minute "" means nothing$/],
  ["0 9 * * 1.5", /: weekday "1\.5" means nothing$/],
  ["0 9 30 2 *", /: month 2 has no day 30, so that it never comes$/],
  ["0 9 31 APR,JUN *", /: month APR,JUN has no day 31, so that it never comes$/],
  [`${"0,".repeat(100)}0 9 * * *`, /^a cron expression of 209 characters is too long$/],
];

test("what means nothing is refused, with the field that does, and how to write one", () => {
  for (const [text, because] of REFUSED) {
    const reading = readCron(text);
    assert.ok(!reading.ok, text);
    assert.match(reading.message, because);
    assert.match(reading.fix, /^write /);
  }
});
