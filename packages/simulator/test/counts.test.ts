// Count-worlds: what they draw is what the scenario says, the same seed draws the same, and rollouts in them end as they
// ought to.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  badOf,
  distinctCount,
  type EvidenceRow,
  emptyRow,
  KEY_BUCKETS,
  mergeRowInto,
  type Policy,
  SLOTS,
} from "@slipway/core";
import {
  CountWorld,
  flagger,
  readScenario,
  type Scenario,
  Surfaces,
  stagesOf,
  Trials,
} from "@slipway/simulator";
import { catalogue, scenarioOf } from "@slipway/simulator/edge";
import { defaultPolicy } from "./default-policy.ts";

const SURFACES = new Surfaces({ answers: 300 });
const TRIALS = new Trials({ answers: 300 });

function written(lines: string): Scenario {
  const text = `about: made for a test\ncause: none\nexpect: completed\n${lines}`;
  const read = readScenario("test", "test.yaml", text);
  assert.ok(read.ok, JSON.stringify(read));
  return read.scenario;
}

function worldOf(
  scenario: Scenario,
  seed = 1,
  detail: "languages" | "whole" = "languages",
): CountWorld {
  return new CountWorld({
    scenario,
    seed,
    detail,
    surfaces: SURFACES,
    tickMs: 10_000,
    horizonMs: 60_000,
    slowMs: 1_000,
    rolloutId: "r",
  });
}

function rowsOf(world: CountWorld, ticks: number, slots: number): readonly EvidenceRow[] {
  return Array.from({ length: ticks }, () => world.next(slots, 1).rows).flat();
}

function sum(rows: readonly EvidenceRow[], of: (row: EvidenceRow) => number): number {
  return rows.reduce((total, row) => total + of(row), 0);
}

function around(value: number, expected: number, within: number): void {
  assert.ok(Math.abs(value - expected) <= within, `${value}, not ${expected}`);
}

describe("A count-world", () => {
  test("draws as many requests, failures and candidate requests as the scenario says", () => {
    const rows = rowsOf(worldOf(written("traffic: {errors: 2%}\n")), 600, SLOTS / 4);
    const arrivals = sum(rows, (row) => row.arrivals);
    around(arrivals, 100_000, 2_000);
    around(sum(rows, badOf) / arrivals, 0.02, 0.003);
    const candidate = rows.filter(({ arm }) => arm === "candidate");
    around(sum(candidate, (row) => row.arrivals) / arrivals, 0.25, 0.03);
    const python = rows.filter(({ segment }) => segment === "python");
    around(sum(python, (row) => row.arrivals) / arrivals, 0.28, 0.03);
  });

  test("draws the same from the same seed, and other requests from another", () => {
    const scenario = written("");
    const [first, again, other] = [1, 1, 2].map((seed) => rowsOf(worldOf(scenario, seed), 3, 500));
    assert.deepEqual(first, again);
    assert.notDeepEqual(first, other);
  });

  test("strikes the language, the replica and the time that a fault names, and no other", () => {
    const scenario = written(
      "traffic: {errors: 0%}\nfaults:\n  - {kind: errors, rate: 50%, language: go, from: 1m, until: 2m}\n",
    );
    const world = worldOf(scenario);
    const bad = (rows: readonly EvidenceRow[]): number => sum(rows, badOf);
    assert.equal(bad(rowsOf(world, 6, 5_000)), 0);
    const struck = rowsOf(world, 6, 5_000).filter((row) => badOf(row) > 0);
    assert.ok(struck.length > 0);
    assert.ok(struck.every(({ arm, segment }) => arm === "candidate" && segment === "go"));
    assert.equal(bad(rowsOf(world, 6, 5_000)), 0);
    const one = written(
      "traffic: {errors: 0%}\nfaults:\n  - {kind: errors, rate: 90%, replica: 1}\n",
    );
    const failed = new Set(
      rowsOf(worldOf(one), 20, 5_000).flatMap(({ replicas }) =>
        Object.entries(replicas).flatMap(([name, counts]) => (counts.bad > 0 ? [name] : [])),
      ),
    );
    assert.deepEqual([...failed], ["candidate-1"]);
  });

  test("has users send as unevenly as it is told", () => {
    const heaviestOf = (lines: string): number => {
      const rows = rowsOf(worldOf(written(lines)), 30, 0);
      const buckets = Array.from({ length: KEY_BUCKETS }, (_, place) =>
        sum(rows, (row) => row.buckets.arrivals[place] ?? 0),
      );
      return Math.max(...buckets) / sum(rows, (row) => row.arrivals);
    };
    assert.ok(heaviestOf("") < 0.1);
    // At an exponent of 2 the first user sends 6/π² of everything.
    assert.ok(heaviestOf("traffic: {skew: 2}\n") > 0.58);
  });

  test("keeps on stable whoever names no user, until everybody is on the candidate", () => {
    const world = worldOf(written("traffic: {keyless: rust}\n"));
    const half = rowsOf(world, 30, SLOTS / 2).filter(({ segment }) => segment === "rust");
    assert.deepEqual([...new Set(half.map(({ arm }) => arm))], ["stable"]);
    assert.equal(
      sum(half, (row) => row.keyless),
      sum(half, (row) => row.arrivals),
    );
    const all = rowsOf(world, 30, SLOTS);
    assert.deepEqual([...new Set(all.map(({ arm }) => arm))], ["candidate"]);
  });
});

describe("A quota in a count-world", () => {
  test("lets two versions share a quota, and clients send again what it refused", () => {
    const lines = `
traffic: {errors: 0%, retries: 2}
faults:
  - {kind: quota, on: both, requests-per-minute: 500, tokens-per-minute: 1000000000}
`;
    const rows = rowsOf(worldOf(written(lines)), 120, 5_000);
    const limited = (arm: string): number => {
      const own = rows.filter((row) => row.arm === arm);
      return sum(own, (row) => row.outcomes.rate_limited ?? 0) / sum(own, (row) => row.arrivals);
    };
    // 1,000 wanted a minute and 500 allowed: half give up, after three attempts that were refused with f each: f^3 = 1/2.
    around(limited("candidate"), 0.794, 0.03);
    around(limited("stable"), 0.794, 0.03);
  });

  test("measures engines with what a quota lets through: less of it, and smaller requests", () => {
    const scenario = written(`
faults:
  - {kind: quota, on: both, requests-per-minute: 100000, tokens-per-minute: 1000000}
`);
    const everybody = { weight: 1, heaviest: 0 };
    const asked = SURFACES.at(scenario, "stable", 0, everybody).quotaTokens();
    const met = SURFACES.demand.metAt(scenario, 0, () => ({
      stable: { perMinute: 1_000, sizes: asked },
      candidate: { perMinute: 0, sizes: asked },
    }));
    const passed = SURFACES.at(scenario, "stable", 0, everybody, met.stable.behind).quotaTokens();
    const mean = (sizes: Float64Array): number => sizes.reduce((a, b) => a + b, 0) / sizes.length;
    around(passed.length / asked.length, 1 - met.stable.refused, 0.1);
    assert.ok(met.stable.refused > 0.2, String(met.stable.refused));
    assert.ok(mean(passed) < 0.8 * mean(asked), `${mean(passed)} of ${mean(asked)}`);
    // A minute's worth of tokens: of what was asked more than twice as many.
    around((1_000 * passed.length * mean(passed)) / asked.length / 1_000_000, 1, 0.15);
  });
});

describe("What a policy sees of a count-world", () => {
  const segmentsUnder = (fields: string): readonly string[] => {
    const ticks = TRIALS.ticks(written(""), 1, defaultPolicy(fields));
    const seen = new Set<string>();
    for (let tick = 0; tick < 30; tick++) {
      const next = ticks.next();
      assert.ok(next.done !== true);
      for (const { segment } of next.value.drawn.rows) seen.add(segment);
    }
    return [...seen];
  };

  test("is the language of requests where it is told, and else one segment with all of them", () => {
    assert.ok(segmentsUnder("{segments: {language: {header: x-language}}}").includes("python"));
    assert.deepEqual(segmentsUnder("{segments: {plan: {header: x-plan}}}"), ["all"]);
    assert.deepEqual(segmentsUnder("{}"), ["all"]);
  });

  test("is as many requests, failures and users in one segment as by language", () => {
    const scenario = written("");
    const arms = (detail: "languages" | "whole"): unknown => {
      const rows = rowsOf(worldOf(scenario, 1, detail), 30, SLOTS / 4);
      return (["stable", "candidate"] as const).map((arm) => {
        const merged = emptyRow({ ...(rows[0] as EvidenceRow), arm, tick: 0, segment: "all" });
        for (const row of rows) if (row.arm === arm) mergeRowInto(merged, row);
        const { samples: _, failed: __, users, ...counts } = merged;
        // Added in another order.
        const inFlightMs = Math.round(counts.inFlightMs);
        return { ...counts, inFlightMs, users: distinctCount(users) };
      });
    };
    assert.deepEqual(arms("whole"), arms("languages"));
  });
});

describe("A rollout in a count-world", () => {
  const policy: Policy = defaultPolicy();
  const slipway = { kind: "slipway", policy } as const;

  test("is rolled back from its first stage where half of the requests fail", () => {
    const course = TRIALS.course(scenarioOf("unsupported-parameter"), 1, slipway);
    assert.equal(course.end, "rolled-back");
    assert.equal(course.shareMax, 5);
    assert.ok(course.harmed > 0);
  });

  test("reaches everybody where the versions are alike, the last twentieth on completion", () => {
    const course = TRIALS.course(scenarioOf("healthy-equal"), 1, slipway);
    assert.equal(course.end, "completed");
    assert.deepEqual(
      course.steps.map(({ share }) => share),
      [5, 25, 50, 95, 95, 100],
    );
  });

  test("goes the same way again from the same seed", () => {
    const course = (): unknown => TRIALS.course(scenarioOf("hangs"), 3, slipway);
    assert.deepEqual(course(), course());
  });

  test("holds, and goes on by itself, while evidence does not come or the controller is away", () => {
    for (const name of ["evidence-lost", "controller-crashes"]) {
      assert.equal(TRIALS.course(scenarioOf(name), 1, slipway).end, "completed", name);
    }
  });

  test("follows another tool's rule through the same stages", () => {
    const rule = flagger({ name: "f", threshold: 1, errorRateMax: 0.2, p99MsMax: 60_000 });
    const decider = { kind: "rule", rule, stages: stagesOf(policy) } as const;
    const course = TRIALS.course(scenarioOf("healthy-equal"), 1, decider);
    assert.equal(course.end, "completed");
    assert.equal(course.allUsersMs, 3 * 60_000);
  });
});

describe("The catalogue", () => {
  test("has scenarios that can be read, each with what happens, its cause and how it ought to end", () => {
    const scenarios = catalogue();
    assert.ok(scenarios.length >= 30);
    for (const { name, about, cause, expect } of scenarios) {
      assert.ok(about.endsWith("."), name);
      assert.ok(cause !== "none" || expect !== "stopped", name);
    }
  });

  test("tells what is wrong with a scenario, and where", () => {
    const read = readScenario("x", "x.yaml", "about: a\ncause: none\nexpect: stoped\ntrafic: {}\n");
    assert.ok(!read.ok);
    assert.deepEqual(
      read.problems.map(({ line, message, fix }) => `${line}: ${message}; ${fix}`),
      [
        '3: expect cannot be "stoped"; did you mean stopped?',
        '4: a scenario has no key "trafic"; did you mean traffic?',
      ],
    );
  });
});
