// Schedules over the control API: one that means nothing is refused on its way in, and shown on its way out.

import assert from "node:assert/strict";
import { test } from "node:test";
import { drillsViewSchema, modelDocumentSchema } from "@slipway/wire";

const ORDER = { gateways: ["http://one/v1"], keyEnv: null, detectMsMax: 1, confirmMsMax: 1 };

test("a schedule that means nothing cannot be applied", () => {
  const problemOf = (schedule: unknown): string | undefined => {
    const { error } = modelDocumentSchema.safeParse({ drill: { ...ORDER, schedule } });
    const issue = error?.issues.find(({ path }) => path.join(".") === "drill.schedule");
    return issue?.message;
  };
  assert.equal(problemOf("0 9 * * MON"), undefined);
  assert.equal(problemOf(null), undefined);
  assert.match(problemOf("61 9 * * *") ?? "", /: minute 61 is not from 0 to 59$/);
  assert.match(problemOf(9) ?? "", /expected string/);
});

test("one that a controller kept from before is shown", () => {
  const view = {
    ...{ model: "coder", standIn: "coder:drill", drilling: null, drills: [], lapse: null },
    ...{ order: { ...ORDER, schedule: "61 9 * * *" }, horizonMs: 60_000 },
  };
  assert.deepEqual(drillsViewSchema.parse(view), view);
});
