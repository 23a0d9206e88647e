// What a provider said of a quota, between one answer and the next.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ToldQuota } from "../src/upstream/told-quota.ts";

/** Sixty a minute, one of them used: all is back in a second. */
function oneOfSixtyUsed(): ToldQuota {
  const quota = new ToldQuota();
  quota.told(60, 59, 1_000, 0);
  return quota;
}

function taken(quota: ToldQuota, requests: number, nowMs: number): void {
  for (let i = 0; i < requests; i++) {
    assert.equal(quota.waitMs(1, 0, nowMs), 0);
    quota.take(1);
  }
}

test("what is sent before the next answer does not make the quota come back faster", () => {
  const quota = oneOfSixtyUsed();
  taken(quota, 59, 0);
  assert.equal(quota.waitMs(1, 0, 0), 1_000);
  assert.equal(quota.remaining(500), 0.5);
  assert.equal(quota.waitMs(1, 9, 500), 9_500, "nine others are before it");
});

test("what was used up is not forgotten when the reset of the last answer passes", () => {
  const quota = oneOfSixtyUsed();
  taken(quota, 59, 0);
  assert.equal(quota.waitMs(1, 0, 1_000), 0);
  quota.take(1);
  assert.equal(quota.waitMs(1, 0, 1_000), 1_000);
});

test("no more comes back than there is, however long nobody asks", () => {
  const quota = oneOfSixtyUsed();
  taken(quota, 30, 0);
  assert.equal(quota.remaining(50_000), 60);
  taken(quota, 60, 50_000);
  assert.equal(quota.waitMs(1, 0, 50_000), 1_000);
});

test("a provider that says nothing more is not throttled by what it once said", () => {
  const quota = oneOfSixtyUsed();
  taken(quota, 59, 0);
  assert.equal(quota.remaining(60_000), null);
  assert.equal(quota.waitMs(1, 100, 60_000), 0);
  assert.ok(quota.waitMs(1, 100, 59_000) <= 1_000, "and never for longer than that");
});

test("a full quota leaves known how fast it comes back, and a changed limit does not", () => {
  const quota = oneOfSixtyUsed();
  quota.told(60, 60, 0, 2_000);
  taken(quota, 60, 2_000);
  assert.equal(quota.waitMs(1, 0, 2_000), 1_000);
  quota.told(120, 120, 0, 3_000);
  taken(quota, 200, 3_000);
});

test("without a limit the whole quota comes back at once, at the time that was said", () => {
  const quota = new ToldQuota();
  quota.told(null, 0, 7_000, 0);
  assert.equal(quota.waitMs(1, 3, 2_000), 5_000);
  assert.equal(quota.waitMs(1, 3, 7_000), 0);
});
