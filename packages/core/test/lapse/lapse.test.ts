// Lapses: when people are told that what a schedule asks for does not happen, and what they read.

import assert from "node:assert/strict";
import { test } from "node:test";
import { afterMiss, type Lapse, type Miss, missedNotice, resumedNotice } from "@slipway/core";

const HOUR_MS = 3_600_000;
const MISS: Miss = {
  ...{ check: "drift", version: "v1", because: "KEY is not set", workedAtMs: 0 },
};

/** After attempts every so many hours: at which of them people were told, by their number. */
function told(
  everyHours: number,
  attempts: number,
): { readonly at: number[]; readonly lapse: Lapse } {
  let lapse: Lapse | null = null;
  const at: number[] = [];
  for (let number = 1; number <= attempts; number++) {
    const next: Lapse = afterMiss(lapse, MISS, number * everyHours * HOUR_MS);
    if (missedNotice("coder", lapse, next) !== null) at.push(number);
    lapse = next;
  }
  if (lapse === null) throw new Error("no attempt");
  return { at, lapse };
}

test("people are told once, after three days or three attempts, whichever is the longer", () => {
  assert.deepEqual(told(24, 30).at, [4], "daily");
  assert.deepEqual(told(24.3, 30).at, [4], "daily, on days that are a little longer");
  assert.deepEqual(told(23.7, 30).at, [4], "and on shorter ones");
  assert.deepEqual(told(168, 30).at, [3], "weekly");
  assert.deepEqual(told(1, 200).at, [61], "hourly");
  assert.deepEqual(told(24, 3).at, [], "two bad nights, and a third");
});

test("what is told says since when, how often and why; and of what nobody was told, nobody is told that it works", () => {
  const { lapse } = told(24, 4);
  const notice = missedNotice("coder", null, lapse);
  assert.equal(notice?.title, "coder v1: nobody watches it for drift");
  assert.match(
    notice?.text ?? "",
    /^no look since 1970-01-01 .*: 4 attempts came to nothing from 1970-01-02 .* on, the last 1970-01-05 .*: KEY is not set\. Try it: slipway drift look coder --version v1\.$/,
  );
  const again = resumedNotice("coder", lapse, 120 * HOUR_MS);
  assert.equal(again?.title, "coder v1: it is watched for drift again");
  assert.equal(again?.thread, notice?.thread, "in order");
  assert.notEqual(again?.id, notice?.id);
  assert.equal(resumedNotice("coder", told(24, 3).lapse, 0), null);
});
