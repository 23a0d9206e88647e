// plan(policy, traffic): what to expect of a rollout before it begins. How long each stage takes a healthy candidate,
// which harm is seen by its end, and which is not.

import {
  type Guard,
  isSequential,
  type SequentialGuard,
  type ThresholdGuard,
} from "../guards/guard.ts";
import { metricName } from "../guards/metric-text.ts";
import { ratioMaxOf } from "../guards/sequential/hypothesis.ts";
import { canWaitForFeedback, feedbackWaitMsMax } from "../guards/sequential/step-wait.ts";
import type { Policy } from "../policy.ts";
import { createRandom } from "../random.ts";
import { stageSharePercent } from "../rollout/phase.ts";
import { heavyBucketOf } from "../statistics/heavy-bucket.ts";
import { overdispersion, overdispersionUpper } from "../statistics/overdispersion.ts";
import { isForeseen } from "./harm.ts";
import { type Course, healthyCourse } from "./healthy-course.ts";
import { notesOn } from "./notes.ts";
import type {
  Chances,
  FeedbackWait,
  PlannedGuard,
  PlannedStage,
  RolloutPlan,
  SeenHarm,
} from "./planned.ts";
import {
  minutesToSee,
  ratioThatMatters,
  type Scope,
  type Sight,
  type Stretch,
  smallestSeen,
} from "./sight.ts";
import { canBeFed, falseBreakChance, thresholdMinutes } from "./threshold.ts";
import type { Traffic } from "./traffic.ts";

const COURSES = 400;
const SEED = 1;
const HALF = 0.5;
const MOST = 0.9;
const SEGMENTS_SHOWN_MAX = 6;
/** Where traffic has no segments to show: what one in ten would be like. */
const EXAMPLE_SEGMENTS = 10;

export function plan(policy: Policy, measured: Traffic): RolloutPlan {
  const traffic = withoutNone(measured);
  const temper = traffic.buckets === null ? 1 : overdispersion(traffic.buckets);
  const proofTemper = traffic.buckets === null ? 1 : proofTemperOf(traffic.buckets);
  const random = createRandom(SEED);
  const courses = Array.from({ length: COURSES }, () =>
    healthyCourse(policy, traffic, proofTemper, random),
  );
  const stretches: Stretch[] = [];
  const stages = policy.stages.map((_, stage) => {
    const planned = plannedStage({ policy, traffic, temper, courses, stage, stretches });
    stretches.push({ percent: stageSharePercent(stage, policy), minutes: planned.expected });
    const { expected: __, ...shown } = planned;
    return shown;
  });
  const last = policy.stages.length - 1;
  const bake = policy.bakeMs / 60_000;
  const made = {
    perMinute: traffic.perMinute,
    errorRate: traffic.errorRate,
    stages,
    ...totals(courses, { last, bake, least: 0 }),
    feedbackWait: feedbackWaitOf(policy, (least) =>
      totals(courses, { last, bake: Math.max(bake, least), least }),
    ),
  };
  return { ...made, ...notesOn(policy, traffic, stages) };
}

type Totals = Pick<RolloutPlan, "allUsersMinutes" | "completedMinutes">;

/** `least`: minutes that every stage takes at the least. */
function totals(
  courses: readonly Course[],
  { last, bake, least }: { readonly last: number; readonly bake: number; readonly least: number },
): Totals {
  const total = ({ minutes }: Course, stages: number, more: number): number | null =>
    minutes.length < stages
      ? null
      : minutes.slice(0, stages).reduce((sum, own) => sum + Math.max(own, least), more);
  return {
    allUsersMinutes: chancesOf(courses.map((course) => total(course, last, 0))),
    completedMinutes: chancesOf(courses.map((course) => total(course, last + 1, bake))),
  };
}

function feedbackWaitOf(
  policy: Policy,
  totalsOf: (leastMinutes: number) => Totals,
): FeedbackWait | null {
  const guards = policy.guards.filter(canWaitForFeedback).map(({ id }) => id);
  const stageMinutes = feedbackWaitMsMax(policy) / 60_000;
  return guards.length === 0 ? null : { guards, stageMinutes, ...totalsOf(stageMinutes) };
}

/** A heavy user will be set apart. */
function proofTemperOf(buckets: NonNullable<Traffic["buckets"]>): number {
  return overdispersionUpper(buckets, heavyBucketOf(buckets.arrivals)?.bucket);
}

/** No failure in n requests does not mean that there are none: half a failure is taken. */
function withoutNone(traffic: Traffic): Traffic {
  const { errorRate, requests } = traffic;
  if (errorRate > 0 || requests === null) return traffic;
  const least = 0.5 / requests;
  const segments = traffic.segments.map((one) => ({ ...one, errorRate: least }));
  return { ...traffic, errorRate: least, segments };
}

type Planning = {
  readonly policy: Policy;
  readonly traffic: Traffic;
  readonly temper: number;
  readonly courses: readonly Course[];
  readonly stage: number;
  /** The stages before. */
  readonly stretches: readonly Stretch[];
};

function plannedStage(planning: Planning): PlannedStage & { readonly expected: number } {
  const { policy, traffic, courses, stage, stretches } = planning;
  const { percent = 0, holdMs = 0, minRequests = 0 } = policy.stages[stage] ?? {};
  const reached = courses.filter(({ minutes }) => minutes.length >= stage);
  const minutes = chancesOf(reached.map((course) => course.minutes[stage] ?? null));
  const asked = reached.filter(
    (course) => course.minutes.length === stage && course.stopped === "asks",
  );
  const share = stageSharePercent(stage, policy);
  const requestMinutes = minRequests === 0 ? 0 : minRequests / ((traffic.perMinute * share) / 100);
  const least = Math.max(
    holdMs / 60_000,
    requestMinutes,
    thresholdMinutes(policy, traffic, percent),
  );
  const expected = minutes.half ?? Math.max(policy.stageLimitMs / 60_000, finite(least) ?? 0);
  const all = [...stretches, { percent: share, minutes: expected }];
  return {
    percent,
    leastMinutes: finite(least),
    minutes,
    asks: reached.length === 0 ? 0 : asked.length / reached.length,
    guards: policy.guards.map((guard) =>
      isSequential(guard)
        ? testPlan(guard, planning, all)
        : thresholdPlan(guard, planning, percent, expected),
    ),
    expected,
  };
}

function baseOf(guard: Guard): Pick<PlannedGuard, "guard" | "metric"> {
  return { guard: guard.id, metric: guard.metric.kind };
}

function testPlan(
  guard: SequentialGuard,
  planning: Planning,
  stretches: readonly Stretch[],
): PlannedGuard {
  return isForeseen(guard)
    ? { ...baseOf(guard), test: "sequential", seen: seenBy(guard, planning, stretches) }
    : { ...baseOf(guard), test: "unforeseen", counts: metricName(guard.metric) };
}

function thresholdPlan(
  guard: ThresholdGuard,
  { traffic }: Planning,
  percent: number,
  minutes: number,
): PlannedGuard {
  return {
    ...baseOf(guard),
    test: "threshold",
    fed: canBeFed(guard, traffic, percent),
    falseBreak: falseBreakChance(guard, traffic, percent, minutes),
  };
}

function seenBy(
  guard: SequentialGuard,
  planning: Planning,
  stretches: readonly Stretch[],
): readonly SeenHarm[] {
  const { policy, traffic, temper } = planning;
  const percent = stretches.at(-1)?.percent ?? 0;
  return scopesOf(traffic).map((scope) => {
    const sight: Sight = {
      guard,
      policy,
      traffic,
      scope,
      temper: guard.metric.kind === "latency" ? 1 : temper,
    };
    return {
      segment: scope.segment?.segment ?? null,
      share: scope.segment?.share ?? 1,
      least: finite(ratioThatMatters(sight)),
      byStageEnd: {
        half: smallestSeen(sight, stretches, HALF),
        most: smallestSeen(sight, stretches, MOST),
      },
      // With everybody on the candidate, both arms are not there to be compared at one time.
      examples: percent === 100 ? [] : examplesOf(sight, percent),
    };
  });
}

function scopesOf({ segments, errorRate }: Traffic): readonly Scope[] {
  const everybody = { segment: null, segments: segments.length };
  if (segments.length > 1) {
    const shown = segments.slice(0, SEGMENTS_SHOWN_MAX);
    return [everybody, ...shown.map((segment) => ({ segment, segments: segments.length }))];
  }
  const share = 1 / EXAMPLE_SEGMENTS;
  const segment = { segment: `a segment of ${share * 100}%`, share, errorRate };
  return [everybody, { segment, segments: EXAMPLE_SEGMENTS }];
}

function examplesOf(sight: Sight, percent: number): SeenHarm["examples"] {
  const multiples = sight.guard.metric.kind === "latency" ? [1.5, 2] : [2, 3];
  return multiples.map((multiple) => {
    const ratio = multiple * ratioMaxOf(sight.guard);
    return {
      ratio,
      minutes: {
        half: minutesToSee(sight, ratio, percent, HALF),
        most: minutesToSee(sight, ratio, percent, MOST),
      },
    };
  });
}

/** Null counts as the longest. */
function chancesOf(minutes: readonly (number | null)[]): Chances {
  const sorted = minutes.map((one) => one ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b);
  const at = (part: number): number | null =>
    finite(sorted[Math.ceil(part * sorted.length) - 1] ?? Number.POSITIVE_INFINITY);
  return { half: at(HALF), most: at(MOST) };
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
