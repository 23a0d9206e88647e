// A lesson of the catalogue does what its backtest promised: accepted, it stops the same scenario sooner by that figure.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Trials } from "@slipway/simulator";
import { scenarioOf } from "@slipway/simulator/edge";
import { causesPolicy } from "../causes/bench-policy.ts";
import { proofsIn } from "./proof.ts";

test("of answers that are garbage a guard is learnt that stops them sooner, by what its backtest said", () => {
  const proofs = proofsIn(new Trials({ answers: 300 }), scenarioOf("garbage"), 1, causesPolicy());
  const own = proofs.find(({ lesson }) => lesson === "only-invalid");
  assert.ok(
    own !== undefined && own.promised !== null && own.keptMs !== null,
    JSON.stringify(proofs),
  );
  assert.ok(own.keptMs > 0);
  assert.ok(own.keptMs >= own.promised.leastMs && own.keptMs <= own.promised.mostMs);
  const guards = proofs.filter(({ lesson }) => !lesson.startsWith("stage-"));
  assert.deepEqual(
    guards.filter(({ isWithin }) => !isWithin),
    [],
  );
});
