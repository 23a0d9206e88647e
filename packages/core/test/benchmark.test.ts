// Who is worse on the same items, told of simulated versions: how often a version that is no worse fails, and how often
// one that is worse by the margin passes.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type BenchmarkDesign,
  comparisonsOf,
  createRandom,
  differenceOf,
  type ItemPair,
  type PairedVerdict,
  pairedItemsNeeded,
  pairedVerdict,
  type Random,
  rankQuantile,
  ratioOf,
  unpairedHarmChance,
} from "@slipway/core";

const DESIGN: BenchmarkDesign = { alpha: 0.05, power: 0.9, discordance: 0.18, margin: 0.05 };
const TAGS = ["typescript", "python", "go", "rust"];
const SEEDS = 200;

/** Simulated answers: each version is right by chance. */
function simulated(random: Random, items: number, candidate: number): readonly ItemPair[] {
  return Array.from({ length: items }, (_, index) => ({
    id: `item ${index}`,
    family: null,
    tags: [TAGS[index % TAGS.length] ?? ""],
    stable: random.next() < 0.9,
    candidate: random.next() < candidate,
  }));
}

function verdicts(items: number, candidate: number): readonly PairedVerdict["kind"][] {
  return Array.from({ length: SEEDS }, (_, seed) => {
    const random = createRandom(seed);
    const pairs = simulated(random, items, candidate);
    return pairedVerdict(comparisonsOf(pairs, DESIGN, random), DESIGN).kind;
  });
}

function counted(all: readonly PairedVerdict["kind"][], kind: PairedVerdict["kind"]): number {
  return all.filter((one) => one === kind).length;
}

test("the same version twice passes as often as planned, and fails no more often than stated", () => {
  const needed = pairedItemsNeeded(DESIGN, DESIGN.margin);
  assert.equal(needed, 617);
  const all = verdicts(needed, 0.9);
  // 5% is stated, over the whole and four tags together; of 200, 17 or more would be one chance in a hundred.
  assert.ok(counted(all, "worse") <= 16, `${counted(all, "worse")} of ${SEEDS} failed`);
  // 90% is planned.
  assert.ok(counted(all, "no-worse") >= 165, `${counted(all, "no-worse")} of ${SEEDS} passed`);
});

test("a version that is worse by the margin hardly ever passes, and one that is worse by more fails", () => {
  const atMargin = verdicts(617, 0.85);
  assert.ok(counted(atMargin, "no-worse") <= 20, `${counted(atMargin, "no-worse")} passed`);
  const worse = verdicts(617, 0.78);
  assert.ok(counted(worse, "worse") >= 190, `only ${counted(worse, "worse")} failed`);
});

test("a tag that is harmed by itself is what decides", () => {
  const pairs = simulated(createRandom(5), 800, 0.9).map((pair) =>
    pair.tags.includes("rust") ? { ...pair, stable: true, candidate: pair.id.endsWith("7") } : pair,
  );
  const verdict = pairedVerdict(comparisonsOf(pairs, DESIGN, createRandom(1)), {
    ...DESIGN,
    margin: 0.3,
  });
  assert.equal(verdict.kind, "worse");
  assert.equal(verdict.by.of, "rust");
});

test("nothing to compare cannot tell", () => {
  const verdict = pairedVerdict(comparisonsOf([], DESIGN, createRandom(1)), DESIGN);
  assert.equal(verdict.kind, "cannot-tell");
  assert.equal(verdict.by.items, 0);
});

test("what is measured is compared item by item, as a difference and as a ratio", () => {
  const pairs = Array.from({ length: 100 }, (_, index) => ({
    family: null,
    stable: 10 + (index % 10),
    candidate: 2 * (10 + (index % 10)),
  }));
  const ratio = ratioOf(pairs, 0.05, createRandom(1));
  assert.ok(ratio !== null && Math.abs(ratio.mean - 2) < 1e-9 && ratio.low > 1.999);
  const { stable, candidate, difference } = differenceOf(pairs, 0.05, createRandom(1));
  assert.deepEqual([stable, candidate, difference?.mean], [14.5, 29, 14.5]);
  assert.equal(ratioOf([{ family: null, stable: 0, candidate: 3 }], 0.05, createRandom(1)), null);
  assert.deepEqual([rankQuantile([3, 1, 2], 0.5), rankQuantile([], 0.5)], [2, null]);
});

test("sums alone show only great harm", () => {
  const task = (share: number, items: number) => ({ name: "mbpp", share, items, hash: null });
  assert.ok(unpairedHarmChance(task(0.8, 500), task(0.7, 500)) < 0.001);
  assert.ok(unpairedHarmChance(task(0.8, 500), task(0.77, 500)) > 0.05);
  assert.equal(unpairedHarmChance(task(1, 500), task(1, 500)), 1);
});
