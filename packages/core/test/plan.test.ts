// A plan says what the decisions themselves do: it is held against rollouts that are drawn and decided tick by tick.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  chanceToSee,
  createRandom,
  type Guard,
  logNormalLatency,
  minutesToSee,
  type Policy,
  plan,
  type RolloutPlan,
  type SequentialGuard,
  type Sight,
  smallestSeen,
  type Traffic,
  trafficOf,
} from "@slipway/core";
import { type CountCourse, type CountWorld, countCourse, SIGMA, Z_P99 } from "./count-world.ts";
import { ERRORS, LATENCY, POLICY as THRESHOLDS, tickOf } from "./rollout-fixture.ts";

const STAGES = [5, 25, 50, 100].map((percent) => ({ percent, holdMs: 600_000, minRequests: 500 }));

function policyWith(...guards: readonly Guard[]): Policy {
  return { ...THRESHOLDS, stages: STAGES, bakeMs: 3_600_000, guards };
}

function trafficWith(perMinute: number, errorRate: number): Traffic {
  const total = logNormalLatency(200 / Math.exp(Z_P99 * SIGMA), 200);
  const latency = { total, ttft: null, tpot: null };
  return { perMinute, errorRate, requests: null, latency, segments: [], buckets: null };
}

function sightOf(guard: SequentialGuard, traffic: Traffic, policy = policyWith(guard)): Sight {
  return { guard, policy, traffic, scope: { segment: null, segments: 0 }, temper: 1 };
}

const SEEDS = 60;
const COURSES = new Map<string, readonly CountCourse[]>();

function courses(name: string, world: CountWorld): readonly CountCourse[] {
  const random = createRandom(11);
  const drawn =
    COURSES.get(name) ?? Array.from({ length: SEEDS }, () => countCourse(world, random));
  COURSES.set(name, drawn);
  return drawn;
}

function at(part: number, minutes: readonly number[]): number {
  return minutes.toSorted((a, b) => a - b)[Math.ceil(part * minutes.length) - 1] ?? Number.NaN;
}

function close(planned: number | null, drawn: number, within: number): void {
  assert.ok(planned !== null);
  const off = Math.abs(Math.log(planned / drawn));
  assert.ok(off <= Math.log(1 + within), `planned ${planned}, drawn ${drawn}`);
}

type Harm = {
  readonly name: string;
  readonly guard: SequentialGuard;
  readonly candidate: CountWorld["candidate"];
  readonly ratio: number;
  readonly minutesMax: number;
};

const HARMS: readonly Harm[] = [
  {
    name: "errors of 1% that become 3%",
    guard: ERRORS,
    candidate: { errorRate: 0.03, p99Ms: null },
    ratio: 3,
    minutesMax: 90,
  },
  {
    name: "errors of 1% that become 2%",
    guard: ERRORS,
    candidate: { errorRate: 0.02, p99Ms: null },
    ratio: 2,
    minutesMax: 240,
  },
  {
    name: "a P99 that becomes three times as long",
    guard: LATENCY,
    candidate: { errorRate: 0.01, p99Ms: 600 },
    ratio: 3,
    minutesMax: 60,
  },
];

for (const { name, guard, candidate, ratio, minutesMax } of HARMS) {
  test(`${name} at 5% of 1,000 a minute are seen when the plan says so`, () => {
    // One stage that nobody leaves: what is timed is the alarm.
    const stages = [{ percent: 5, holdMs: 86_400_000, minRequests: 0 }];
    const policy = { ...policyWith(guard), stages };
    const stable = { errorRate: 0.01, p99Ms: guard.metric.kind === "events" ? null : 200 };
    const drawn = courses(name, { policy, perMinute: 1_000, stable, candidate, minutesMax });
    const found = drawn.map(({ end, minutes }) =>
      end === "rolled-back" ? minutes : Number.POSITIVE_INFINITY,
    );
    const sight = sightOf(guard, trafficWith(1_000, 0.01), policy);
    close(minutesToSee(sight, ratio, 5, 0.5), at(0.5, found), 0.3);
    close(minutesToSee(sight, ratio, 5, 0.9), at(0.9, found), 0.35);
  });
}

test("a healthy candidate gets through the stages when the plan says so", () => {
  const policy = policyWith(ERRORS);
  const behaviour = { errorRate: 0.01, p99Ms: null };
  const drawn = courses("healthy", {
    policy,
    perMinute: 1_000,
    stable: behaviour,
    candidate: behaviour,
    minutesMax: 480,
  });
  const planned = plan(policy, trafficWith(1_000, 0.01));
  const minutes = drawn.map(({ end, minutes: taken }) =>
    end === "all-users" ? taken : Number.POSITIVE_INFINITY,
  );
  close(planned.allUsersMinutes.half, at(0.5, minutes), 0.25);
  close(planned.allUsersMinutes.most, at(0.9, minutes), 0.3);
  const first = drawn.flatMap(({ stages }) => stages.slice(0, 1));
  close(planned.stages[0]?.minutes.half ?? null, at(0.5, first), 0.25);
});

test("more time, more traffic and more harm are seen sooner", () => {
  const seen = (perMinute: number, minutes: number, ratio: number): number =>
    chanceToSee(sightOf(ERRORS, trafficWith(perMinute, 0.01)), ratio, [{ percent: 5, minutes }]);
  assert.ok(seen(1_000, 10, 3) < seen(1_000, 20, 3));
  assert.ok(seen(1_000, 10, 3) < seen(2_000, 10, 3));
  assert.ok(seen(1_000, 10, 2) < seen(1_000, 10, 3));
  assert.equal(seen(1_000, 10, 1), 0);
});

test("the smallest harm that is seen is seen with just that chance", () => {
  const sight = sightOf(LATENCY, trafficWith(1_000, 0.01));
  const stretches = [{ percent: 5, minutes: 10 }];
  const half = smallestSeen(sight, stretches, 0.5);
  assert.ok(half !== null && half > 2 && half < 4);
  // Latencies are counted by whole bins of 2%.
  assert.ok(Math.abs(chanceToSee(sight, half, stretches) - 0.5) < 0.1);
});

test("what differs by less than the policy's floor is never seen, and the plan says so", () => {
  const { stages, unseen } = plan(policyWith(ERRORS), trafficWith(1_000, 0.001));
  const [guard] = stages[0]?.guards ?? [];
  assert.ok(guard?.test === "sequential");
  assert.equal(Math.round((guard.seen[0]?.least ?? 0) * 10), 60);
  assert.match(unseen[0] ?? "", /from 0\.1% to less than 0\.6% breaks nothing, by policy/);
});

function thresholdsAt(perMinute: number): RolloutPlan {
  return plan({ ...THRESHOLDS, stages: STAGES }, trafficWith(perMinute, 0.01));
}

test("a threshold that cannot be fed is told before the stage that it would hold for ever", () => {
  const { warnings, stages, allUsersMinutes } = thresholdsAt(200);
  assert.match(
    warnings[0] ?? "",
    /^stage 5%: p99-latency needs 100 requests of each arm in 1 min and gets about 10: the stage never ends/,
  );
  assert.equal(stages[0]?.leastMinutes, null);
  assert.deepEqual(allUsersMinutes, { half: null, most: null });
});

test("a threshold that breaks on healthy candidates is told with the chance", () => {
  const told = thresholdsAt(4_000).warnings.filter((warning) =>
    /no worse breaks errors/.test(warning),
  );
  assert.match(told[0] ?? "", /^stage 5%: .* with a chance of at least \d/);
});

test("a stage whose limit comes first is told, with how many ask", () => {
  const { stages, warnings } = plan(policyWith(ERRORS), trafficWith(100, 0.01));
  assert.ok((stages[0]?.asks ?? 0) > 0.2);
  assert.match(warnings[0] ?? "", /^stage 5%: .* reach the stage limit of 4 h first, and ask/);
});

test("where users may say much, a plan tells what it takes if every stage waits for that as long as it may", () => {
  const said: SequentialGuard = {
    ...ERRORS,
    id: "acceptance",
    metric: { kind: "events", event: "acceptance" },
  };
  const quiet: SequentialGuard = { ...said, id: "rating", action: "warn" };
  const traffic = trafficWith(100_000, 0.01);
  const policy = policyWith(ERRORS, said, quiet);
  const { feedbackWait, allUsersMinutes, completedMinutes } = plan(policy, traffic);
  assert.ok(feedbackWait !== null);
  assert.deepEqual([feedbackWait.guards, feedbackWait.stageMinutes], [["acceptance"], 60]);
  // Each of three stages before the last takes less than the wait; bake is as long as that.
  assert.ok(allUsersMinutes.half !== null && allUsersMinutes.half < 180);
  assert.deepEqual(feedbackWait.allUsersMinutes, { half: 180, most: 180 });
  assert.deepEqual(feedbackWait.completedMinutes, { half: 300, most: 300 });
  assert.ok(completedMinutes.half !== null && completedMinutes.half < 300);
  assert.equal(plan(policyWith(ERRORS, quiet), traffic).feedbackWait, null);
});

test("traffic is both arms' requests, and what the named one answered", () => {
  const facts = {
    stable: { n: 90, latencyMs: 200, errors: 9 },
    candidate: { n: 10, latencyMs: 900 },
  };
  const ticks = [tickOf(0, facts), tickOf(1, facts), tickOf(2, facts)];
  const traffic = trafficOf(ticks, 10_000, "stable");
  assert.ok(traffic !== null);
  assert.deepEqual([traffic.perMinute, traffic.errorRate, traffic.requests], [600, 0.1, 270]);
  assert.deepEqual(traffic.segments, [{ segment: "all", share: 1, errorRate: 0.1 }]);
  assert.equal(trafficOf([], 10_000, "stable"), null);
});

test("no failure in some requests is not taken for none", () => {
  const traffic = { ...trafficWith(1_000, 0), requests: 500 };
  assert.equal(plan(policyWith(ERRORS), traffic).errorRate, 0.001);
});
