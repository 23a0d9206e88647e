// Whole worlds in virtual time: the real gateway and controller under faults, from twenty seeds. A seed that fails
// prints the command that runs it again.
import assert from "node:assert/strict";
import { test } from "node:test";
import { planOf, runWorld, type WorldReport } from "@slipway/simulator";
import { digest, settle } from "./world-ports.ts";

const SEEDS = Array.from({ length: 20 }, (_, index) => index + 1);

function complaintOf({ plan, violations }: WorldReport): string {
  const lines = violations.map(
    ({ checker, atMs, text }) => `${checker} at ${(atMs / 1000).toFixed(3)} s: ${text}`,
  );
  return [...lines, `run it again: npm run world -- --seed ${plan.seed}`].join("\n");
}

for (const seed of SEEDS) {
  test(`world ${seed} keeps every promise under faults, and comes to its right end after them`, async () => {
    const report = await runWorld({ plan: planOf(seed), digest, settle });
    assert.equal(report.violations.length, 0, complaintOf(report));
    assert.ok(report.events > 5_000, `only ${report.events} events`);
  });
}

test("the same seed gives the same world, to the last event; another seed gives another", async () => {
  const hashes: number[] = [];
  for (const seed of [3, 3, 4]) {
    const { hash } = await runWorld({
      plan: { ...planOf(seed), faultsMs: 20_000 },
      digest,
      settle,
    });
    hashes.push(hash);
  }
  assert.equal(hashes[0], hashes[1]);
  assert.notEqual(hashes[0], hashes[2]);
});
