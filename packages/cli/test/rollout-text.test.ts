// Who is on the candidate, in words: with users held back, 100% is of the others.
import assert from "node:assert/strict";
import { test } from "node:test";
import { moveText, type Phase, type Policy } from "@slipway/core";
import { phaseText } from "slipway";
import { base } from "./watch/views.ts";

const { holdbackPercent: _, ...NOBODY } = base.policy;
const HELD: Policy = { ...NOBODY, holdbackPercent: 5 };
const LAST = base.policy.stages.length - 1;
const BAKE: Phase = { kind: "bake", sinceMs: 0, confirmedAtMs: 0 };

function told(phase: Phase, policy: Policy): string {
  return phaseText({ phase, policy, from: "gpt-5.0", to: "gpt-5.3" });
}

test("at 100% and in bake it says how many users are on the candidate, and who is not", () => {
  const last: Phase = { kind: "stage", stage: LAST, sinceMs: 0, confirmedAtMs: 0 };
  const held = "5% held back on gpt-5.0 as a control until bake ends";
  assert.match(told(last, HELD), new RegExp(`: 95% of users on gpt-5\\.3, ${held}$`));
  assert.equal(told(BAKE, HELD), `bake: 95% of users on gpt-5.3, ${held}`);
  assert.match(told({ ...last, stage: 0 }, HELD), /of users on gpt-5\.3$/);
});

test("where nobody is held back, everybody is", () => {
  assert.equal(told(BAKE, NOBODY), "bake: everybody is on gpt-5.3, gpt-5.0 stays warm");
});

test("a journal's line says what share the last stage has of users", () => {
  const move = { kind: "advance", stage: LAST } as const;
  assert.equal(moveText({ move }, NOBODY), "advanced to 100%");
  assert.equal(
    moveText({ move }, HELD),
    "advanced to 100% (95% of users, the others are held back)",
  );
});
