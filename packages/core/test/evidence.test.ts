// Rows of evidence: sums that merge in any order, and what counts against whom.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  addDistinct,
  badOf,
  countedOf,
  type EvidenceRow,
  emptyRow,
  mergeRowInto,
  OUTCOMES,
  record,
} from "@slipway/core";
import fc from "fast-check";

const KEY = {
  rolloutId: "r-1",
  table: 3,
  tick: 7,
  arm: "candidate",
  via: "split",
  segment: "typescript",
} as const;

const row: fc.Arbitrary<EvidenceRow> = fc
  .array(
    fc.record({
      outcome: fc.option(fc.constantFrom(...OUTCOMES)),
      latencyMs: fc.double({ min: 1, max: 1e5, noNaN: true }),
      user: fc.nat(30),
    }),
    { maxLength: 30 },
  )
  .map((requests) => {
    const made = emptyRow(KEY);
    for (const { outcome, latencyMs, user } of requests) {
      made.arrivals++;
      addDistinct(made.users, `user-${user}`);
      made.buckets.arrivals[user % 20] = (made.buckets.arrivals[user % 20] ?? 0) + 1;
      if (outcome === null) continue;
      made.judged++;
      made.outcomes[outcome] = (made.outcomes[outcome] ?? 0) + 1;
      if (outcome === "ok") record(made.latency.total, latencyMs);
    }
    return made;
  });

function merged(...rows: readonly EvidenceRow[]): EvidenceRow {
  const sum = emptyRow(KEY);
  for (const one of rows) mergeRowInto(sum, one);
  return sum;
}

test("merging rows is order-free and adds every count", () => {
  fc.assert(
    fc.property(row, row, row, (a, b, c) => {
      assert.deepEqual(merged(a, b, c), merged(c, a, b));
      assert.deepEqual(merged(merged(a, b), c), merged(a, merged(b, c)));
      assert.equal(merged(a, b).arrivals, a.arrivals + b.arrivals);
      assert.equal(badOf(merged(a, b)), badOf(a) + badOf(b));
    }),
  );
});

test("a request that was cancelled, or wrong in itself, counts against nobody", () => {
  const made = emptyRow(KEY);
  made.judged = 10;
  made.outcomes = { ok: 4, cancelled: 3, client_error: 2, timeout: 1 };
  assert.equal(countedOf(made), 5);
  assert.equal(badOf(made), 1);
});
