// Rehearsals: a course in a bounded number of points that lose no request, what counts as ending as expected, and the rate
// and lengths of a recorded trace.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  CountWorld,
  type Course,
  CourseSeries,
  endsAs,
  readScenario,
  recordedLengths,
  rehearse,
  type Scenario,
  SERIES_POINTS_MAX,
  Surfaces,
  Trials,
  withRecordedRate,
} from "@slipway/simulator";
import { rehearseSeeds } from "@slipway/simulator/edge";
import { defaultPolicy } from "./default-policy.ts";

function scenarioOf(lines: string): Scenario {
  const read = readScenario("test", "test.yaml", `about: a\ncause: none\nexpect: held\n${lines}`);
  assert.ok(read.ok);
  return read.scenario;
}

function worldOf(scenario: Scenario): CountWorld {
  return new CountWorld({
    scenario,
    seed: 1,
    surfaces: new Surfaces({ answers: 100 }),
    tickMs: 10_000,
    horizonMs: 60_000,
    slowMs: 1_000,
    rolloutId: "r",
  });
}

test("seeds over all cores are rehearsed as one after the other, in their order", async () => {
  const scenario = scenarioOf("traffic: {requests-per-minute: 60, hours: 0.2}\n");
  const surfaces = { answers: 50 };
  const policy = defaultPolicy();
  const trials = new Trials(surfaces);
  const single = [5, 6, 7].map((seed) => ({
    ...rehearse(trials, scenario, seed, policy),
    series: [],
  }));
  assert.deepEqual(await rehearseSeeds({ scenario, surfaces, policy }, 5, 3), single);
});

test("what a blocking guard holds asks a person once, pages after ten minutes, and ends as left to one", () => {
  const scenario = scenarioOf(`traffic: {requests-per-minute: 600, hours: 0.3}
candidate: {preset: gpt-5.0, replicas: 4}
faults:
  - {kind: errors, rate: 50%, replica: 0}
`);
  const { asks, last, course } = rehearse(
    new Trials({ answers: 50 }),
    scenario,
    1,
    defaultPolicy(),
  );
  assert.deepEqual([course.end, course.heldFor], ["held", "guard"]);
  const own = asks.filter(({ text }) => /replica candidate-0 alone is to blame/.test(text));
  assert.deepEqual(
    own.map(({ what }) => what),
    ["asks", "pages"],
  );
  assert.equal((own[1]?.atMs ?? 0) - (own[0]?.atMs ?? 0), 600_000);
  assert.match(own[1]?.text ?? "", /; held for 10 min and more, until a person decides$/);
  assert.ok((own[0]?.atMs ?? 0) < course.endMs / 2);
  assert.match(last?.text ?? "", /replica candidate-0 alone/);
});

describe("The series of a course", () => {
  test("has at most its number of points, in order and without gaps, and loses no request", () => {
    const world = worldOf(scenarioOf("traffic: {requests-per-minute: 30}\n"));
    const series = new CourseSeries();
    const ticks = 2 * SERIES_POINTS_MAX + 77;
    let requests = 0;
    for (let tick = 0; tick < ticks; tick++) {
      const drawn = world.next(5_000, 1);
      requests += drawn.counts.stable.requests + drawn.counts.candidate.requests;
      series.add({ drawn, share: 50, judgement: null });
      assert.ok(series.points.length <= SERIES_POINTS_MAX);
    }
    const { points } = series;
    assert.ok(points.length > SERIES_POINTS_MAX / 4);
    assert.equal(points[0]?.fromMs, 0);
    assert.equal(points.at(-1)?.untilMs, ticks * 10_000);
    for (const [index, { fromMs }] of points.entries()) {
      if (index > 0) assert.equal(fromMs, points[index - 1]?.untilMs);
    }
    const kept = points.reduce(
      (sum, { arms }) => sum + arms.stable.requests + arms.candidate.requests,
      0,
    );
    assert.equal(kept, requests);
  });
});

describe("A course ends as expected", () => {
  const course: Course = {
    end: "unfinished",
    endMs: 3_600_000,
    allUsersMs: null,
    shareMax: 25,
    asked: false,
    heldFor: null,
    by: null,
    requests: 100,
    harmed: 0,
    steps: [],
  };
  const guarded: Course = { ...course, heldFor: "guard" };
  const timed: Course = { ...course, heldFor: "hold" };
  const back: Course = { ...course, end: "rolled-back" };
  const everybody: Course = { ...course, end: "completed", allUsersMs: 1, shareMax: 100 };

  test("stopped: taken back or held by evidence before half of the users, and not by time alone", () => {
    assert.ok(endsAs("stopped", back));
    assert.ok(endsAs("stopped", guarded));
    assert.ok(!endsAs("stopped", timed));
    assert.ok(!endsAs("stopped", { ...back, shareMax: 50 }));
    assert.ok(!endsAs("stopped", everybody));
  });

  test("rolled-back: at whatever stage, but before it is for good", () => {
    assert.ok(endsAs("rolled-back", { ...back, shareMax: 95 }));
    assert.ok(!endsAs("rolled-back", guarded));
    assert.ok(!endsAs("rolled-back", everybody));
  });

  test("completed: everybody has it, and no person is waited for", () => {
    assert.ok(endsAs("completed", everybody));
    assert.ok(!endsAs("completed", { ...everybody, end: "rolled-back" }));
    assert.ok(!endsAs("completed", { ...everybody, end: "held" }));
    assert.ok(!endsAs("completed", timed));
  });

  test("held: neither the one nor the other", () => {
    assert.ok(endsAs("held", { ...course, end: "held" }));
    assert.ok(!endsAs("held", back));
    assert.ok(!endsAs("held", everybody));
  });
});

describe("A recorded trace", () => {
  // Three times as many in the first ten seconds as in the next.
  const trace = Array.from({ length: 40 }, (_, index) => ({
    atMs: index < 30 ? index * 300 : 10_000 + (index - 30) * 900,
    promptTokens: 100 + index,
    outputTokens: 5,
  }));

  test("gives its rate to a scenario whose mean stays its own, and begins again", () => {
    const scenario = withRecordedRate(
      scenarioOf("traffic: {requests-per-minute: 1200, shape: daily}\n"),
      trace,
    );
    assert.deepEqual(scenario.traffic.recorded?.factors, [1.5, 0.5]);
    const world = worldOf(scenario);
    const drawn = Array.from({ length: 4 }, () => world.next(0, 1).counts.stable.requests);
    for (const [index, expected] of [300, 100, 300, 100].entries()) {
      const n = drawn[index] ?? 0;
      assert.ok(Math.abs(n - expected) < 70, `${n}, not ${expected}`);
    }
  });

  test("gives its lengths in pairs, at most so many, from everywhere in it", () => {
    assert.equal(recordedLengths(trace).length, 40);
    const long = Array.from({ length: 10_000 }, (_, atMs) => ({
      atMs,
      promptTokens: atMs + 1,
      outputTokens: 2 * (atMs + 1),
    }));
    const lengths = recordedLengths(long);
    assert.equal(lengths.length, 2_000);
    assert.ok(lengths.every(({ promptTokens: p, outputTokens: o }) => o === 2 * p));
    assert.ok((lengths.at(-1)?.promptTokens ?? 0) > 9_900);
  });

  test("has its lengths answered by the versions", () => {
    const long = Array.from({ length: 100 }, (_, atMs) => ({
      atMs,
      promptTokens: 700,
      outputTokens: 3,
    }));
    const surfaces = new Surfaces({ answers: 100, lengths: recordedLengths(long) });
    const surface = surfaces.at(scenarioOf(""), "stable", 0, { weight: 1, heaviest: 0 });
    // The prompt, and the 64 tokens that clients allow.
    assert.deepEqual([...new Set(surface.quotaTokens())], [764]);
  });
});
