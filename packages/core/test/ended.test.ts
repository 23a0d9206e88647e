// How requests ended, several rows put together: guards count them as they would row by row.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  countAll,
  EVENTS,
  type EvidenceRow,
  emptyRow,
  endedCounterOf,
  endedOf,
  type ServingArm,
} from "@slipway/core";
import fc from "fast-check";

const COUNTS = fc.record({ ok: fc.nat(20), cancelled: fc.nat(3), rate_limited: fc.nat(5) });
const ENDINGS = fc.record({ answered: fc.nat(20), refused: fc.nat(5), "cut-off": fc.nat(5) });
const ARM = fc.constantFrom<ServingArm>("stable", "candidate");

const ROW = fc
  .record({ arm: ARM, outcomes: COUNTS, endings: ENDINGS })
  .map(({ arm, outcomes, endings }): EvidenceRow => {
    const key = { rolloutId: "r", table: 1, tick: 0, arm, via: "split", segment: "en" } as const;
    const judged = outcomes.ok + outcomes.cancelled + outcomes.rate_limited;
    return { ...emptyRow(key), outcomes, endings, judged };
  });

test("rows put together count as they do one by one, for every event of requests", () => {
  fc.assert(
    fc.property(fc.array(ROW), ARM, fc.constantFrom(...EVENTS), (rows, arm, event) => {
      const counted = endedCounterOf({ kind: "events", event });
      if (counted === null) return;
      const own = rows.filter((row) => row.arm === arm);
      assert.deepEqual(counted(endedOf(rows, arm)), countAll({ kind: "events", event }, own));
    }),
  );
});
