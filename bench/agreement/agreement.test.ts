// The two kinds of world agree on a scenario that exercises a little of everything, and a difference between them would
// be found; all of the table is `npm run bench:agreement`.
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { CASES, type Case } from "./cases.ts";
import { type Compared, compared } from "./comparison.ts";
import { differenceOf, tQuantile } from "./difference.ts";
import { type Kind, type Played, played } from "./played.ts";

const SEEDS = { requests: 3, counts: 6 } as const;
const MINUTES = 2;
const ANSWERS = 600;

function caseOf(scenario: string): Case {
  const found = CASES.find((one) => one.scenario === scenario);
  assert.ok(found !== undefined);
  return { ...found, settleMinutes: 1 };
}

async function seedsOf(scenario: string, kind: Kind): Promise<readonly Played[]> {
  const all: Played[] = [];
  for (let seed = 1; seed <= SEEDS[kind]; seed++) {
    const order = { case: caseOf(scenario), kind, seed, minutes: MINUTES, answers: ANSWERS };
    all.push(await played(order));
  }
  return all;
}

describe("A count-world and a world of single requests", () => {
  let requests: readonly Played[] = [];
  const against = async (scenario: string): Promise<readonly Compared[]> => {
    const counts = await seedsOf(scenario, "counts");
    return compared([{ scenario, about: "", seeds: { requests, counts } }]);
  };
  before(async () => {
    requests = await seedsOf("over-refusing", "requests");
  });

  test("agree on rates, shares, latencies and tokens of a scenario", async () => {
    const all = await against("over-refusing");
    assert.ok(all.length > 20, String(all.length));
    assert.deepEqual(
      all.filter(({ agrees }) => !agrees),
      [],
    );
  });

  test("are told apart where one plays another scenario", async () => {
    const all = await against("slow-under-load");
    const differing = all.filter(({ agrees }) => !agrees).map(({ figure }) => figure);
    for (const figure of ["broken: refusals", "candidate p95 ms"]) {
      assert.ok(differing.includes(figure), `${figure} is not among ${differing.join(", ")}`);
    }
    assert.ok(!differing.some((figure) => figure.startsWith("stable p")), differing.join(", "));
  });
});

test("an interval of a difference is as wide as Student's distribution has it", () => {
  for (const [probability, freedom, quantile] of [
    [0.975, 1, 12.706],
    [0.975, 10, 2.2281],
    [0.995, 4, 4.6041],
    [0.9995, 8, 5.0413],
  ] as const) {
    const value = tQuantile(probability, freedom);
    assert.ok(Math.abs(value / quantile - 1) < 1e-4, `${value}, not ${quantile}`);
  }
  const { low, high, agrees } = differenceOf([1, 2, 3], [4, 5, 6], 0.05);
  // Both have a mean's variance of 1/3, and four degrees of freedom: 3 ± 2.7764 * sqrt(2/3).
  assert.ok(Math.abs(low - 0.7331) < 1e-3 && Math.abs(high - 5.2669) < 1e-3, `${low} to ${high}`);
  assert.equal(agrees, false);
  assert.equal(differenceOf([1, 1], [1, 1], 0.05).agrees, true);
  assert.equal(differenceOf([1, 1], [0, 0], 0.05).agrees, false);
});
