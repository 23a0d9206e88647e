// Distinct users: the estimate's error is as stated, and merging equals counting together.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  addDistinct,
  DISTINCT_ERROR,
  type Distinct,
  distinctCount,
  distinctOfAll,
  mergeDistinctInto,
  NO_USERS,
  plusAllDistinct,
  plusDistinct,
} from "@slipway/core";
import fc from "fast-check";

function distinctOf(from: number, to: number): Distinct {
  const distinct: Distinct = [];
  for (let i = from; i < to; i++) addDistinct(distinct, `user-${i}`);
  return distinct;
}

for (const users of [0, 1, 12, 400, 5_000, 60_000]) {
  test(`${users} users are estimated within four standard errors`, () => {
    const error = Math.abs(distinctCount(distinctOf(0, users)) - users);
    assert.ok(error <= Math.max(1, 4 * DISTINCT_ERROR * users), `off by ${error}`);
  });
}

test("merging two gateways' users counts those of both once", () => {
  const merged = distinctOf(0, 3_000);
  mergeDistinctInto(merged, distinctOf(2_000, 5_000));
  assert.deepEqual(merged, distinctOf(0, 5_000));
});

test("the same user again changes nothing", () => {
  const distinct = distinctOf(0, 100);
  const before = distinct.slice();
  addDistinct(distinct, "user-50");
  assert.deepEqual(distinct, before);
});

test("sums of rows count as merging them does, and stay themselves where nobody is new", () => {
  const [first, second] = [distinctOf(0, 3_000), distinctOf(2_000, 5_000)];
  const sum = plusDistinct(plusDistinct(NO_USERS, first), second);
  assert.equal(distinctCount(sum), distinctCount(distinctOf(0, 5_000)));
  assert.equal(plusDistinct(sum, first), sum);
  const apart = [first, second, []].map((one) => plusDistinct(NO_USERS, one));
  assert.deepEqual(distinctOfAll(apart), sum);
  assert.equal(distinctCount(distinctOfAll([])), 0);
});

test("users of several rows are the same put together first as one after the other", () => {
  const row = fc.tuple(fc.nat(3_000), fc.nat(60)).map(([from, n]) => distinctOf(from, from + n));
  fc.assert(
    fc.property(fc.array(row, { maxLength: 6 }), (rows) => {
      const before = plusDistinct(NO_USERS, distinctOf(500, 900));
      assert.deepEqual(plusAllDistinct(before, rows), rows.reduce(plusDistinct, before));
    }),
  );
});
