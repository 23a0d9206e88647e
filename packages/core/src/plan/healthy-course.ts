// How a healthy candidate gets through the stages: many courses drawn on counts, with the evidence that lets a stage
// pass added up as the guards add it. Coarser steps than ticks, and no alarms: those are bounded by `false-alarm`.

import { isPrimary, isSequential, type SequentialGuard, turnsBack } from "../guards/guard.ts";
import { alternativesBelow } from "../guards/sequential/count-test.ts";
import { FALSE_PASS_MAX } from "../guards/sequential/finding.ts";
import {
  differenceMinOf,
  marginOf,
  marginPlaceOf,
  testedRatio,
} from "../guards/sequential/hypothesis.ts";
import { binsOfFactor, countAbove, countOf, quantileBin } from "../histogram.ts";
import type { Policy } from "../policy.ts";
import { poisson, type Random } from "../random.ts";
import { stageSharePercent } from "../rollout/phase.ts";
import { DIFFERENCE_FACTORS, differenceLogE } from "../statistics/difference-e.ts";
import { logMean, logSum } from "../statistics/log-space.ts";
import { eitherLogE } from "../statistics/merging.ts";
import { ratioLogE } from "../statistics/ratio-e.ts";
import { isForeseen, latencyOf } from "./harm.ts";
import { thresholdMinutes } from "./threshold.ts";
import type { Traffic } from "./traffic.ts";

export type Course = {
  /** Minutes of each stage that was left forwards, in order. */
  readonly minutes: readonly number[];
  /** How the stage after those ends: it asks an operator, or never gets what it needs. Null where all were left. */
  readonly stopped: "asks" | "never" | null;
};

/** Steps grow with the time that a stage has taken: a fiftieth of it. */
const STEP_PART = 0.02;
const PASS_LOG = Math.log(1 / FALSE_PASS_MAX);

export function healthyCourse(
  policy: Policy,
  traffic: Traffic,
  /** What evidence that lets a stage pass is divided by. */
  temper: number,
  random: Random,
): Course {
  const primary = policy.guards.flatMap((guard) => {
    if (!isSequential(guard) || !turnsBack(guard) || !isPrimary(guard)) return [];
    if (!isForeseen(guard)) return [];
    return [proofOf(guard, policy, traffic, guard.metric.kind === "latency" ? 1 : temper)];
  });
  const minutes: number[] = [];
  for (const stage of policy.stages.keys()) {
    const taken = stageMinutes(policy, traffic, stage, primary, random);
    if (typeof taken === "string") return { minutes, stopped: taken };
    minutes.push(taken);
  }
  return { minutes, stopped: null };
}

/** In words when the stage limit comes first, or requests do not come at all. */
function stageMinutes(
  policy: Policy,
  traffic: Traffic,
  stage: number,
  proofs: readonly Proof[],
  random: Random,
): number | "asks" | "never" {
  const { percent = 0, holdMs = 0, minRequests = 0 } = policy.stages[stage] ?? {};
  const share = stageSharePercent(stage, policy);
  const candidate = traffic.perMinute * (share / 100);
  const least = Math.max(holdMs / 60_000, thresholdMinutes(policy, traffic, percent));
  const limit = policy.stageLimitMs / 60_000;
  const tick = policy.evidence.tickMs / 60_000;
  if (candidate === 0 || least === Number.POSITIVE_INFINITY) return "never";
  let counted = 0;
  for (let now = 0; ; ) {
    const isOver = now >= least && counted >= minRequests;
    if (isOver && proofs.every((proof) => proof.isEnough(stage))) return now;
    if (isOver && now >= limit) return "asks";
    const step = Math.max(tick, now * STEP_PART);
    counted += poisson(random, candidate * step);
    for (const proof of proofs) proof.add(step, share, random);
    now += step;
  }
}

/** What one guard has gathered that the candidate is not worse than the stages' margins. */
type Proof = {
  readonly add: (minutes: number, percent: number, random: Random) => void;
  readonly isEnough: (stage: number) => boolean;
};

function proofOf(guard: SequentialGuard, policy: Policy, traffic: Traffic, temper: number): Proof {
  const margins = policy.stages.map((_, stage) => marginOf(guard, marginPlaceOf(stage, policy)));
  const distinct = [...new Set(margins)].sort((a, b) => a - b);
  const below = distinct.map((margin) => alternativesBelow(guard, testedRatio(guard, margin)));
  const logs = below.map((weighed) => weighed.map(() => 0));
  const differenceMin = guard.metric.kind === "latency" ? 0 : differenceMinOf(guard);
  const apart = differenceMin > 0 ? DIFFERENCE_FACTORS.map(() => 0) : null;
  const draws = countsOf(guard, traffic, distinct);
  const addBelow = (drawn: Drawn, candidate: number, stable: number): void => {
    for (const [place, weighed] of below.entries()) {
      const own = logs[place] ?? [];
      const tested = testedRatio(guard, distinct[place] ?? 1);
      const bad = drawn.candidate[place] ?? 0;
      const arms = { candidate: { n: candidate, bad }, stable: { n: stable, bad: drawn.stable } };
      for (const [index, { ratio }] of weighed.entries()) {
        own[index] = (own[index] ?? 0) + ratioLogE(arms, tested, ratio) / temper;
      }
    }
  };
  const addApart = (drawn: Drawn, candidate: number, stable: number): void => {
    if (apart === null) return;
    const arms = {
      candidate: { n: candidate, bad: drawn.candidate[0] ?? 0 },
      stable: { n: stable, bad: drawn.stable },
    };
    for (const [index, factor] of DIFFERENCE_FACTORS.entries()) {
      apart[index] = (apart[index] ?? 0) + differenceLogE(arms, differenceMin, factor) / temper;
    }
  };
  return {
    add: (minutes, percent, random) => {
      const n = traffic.perMinute * minutes;
      const candidate = n * (percent / 100);
      const drawn = draws(candidate, n - candidate, random);
      addBelow(drawn, candidate, n - candidate);
      addApart(drawn, candidate, n - candidate);
    },
    isEnough: (stage) => {
      const place = distinct.indexOf(margins[stage] ?? 0);
      const weighed = below[place] ?? [];
      const logE = logSum(
        weighed.map(({ weight }, index) => Math.log(weight) + (logs[place]?.[index] ?? 0)),
      );
      return (apart === null ? logE : eitherLogE(logE, logMean(apart))) >= PASS_LOG;
    },
  };
}

type Drawn = {
  /** The candidate's bad requests at each margin, the smallest margin first. */
  readonly candidate: readonly number[];
  readonly stable: number;
};

/** Latencies above a far edge are among those above a near one: they are drawn band by band. */
function countsOf(
  guard: SequentialGuard,
  traffic: Traffic,
  margins: readonly number[],
): (candidate: number, stable: number, random: Random) => Drawn {
  const { metric } = guard;
  if (metric.kind !== "latency") {
    const { errorRate } = traffic;
    return (candidate, stable, random) => {
      const bad = poisson(random, candidate * errorRate);
      return { candidate: margins.map(() => bad), stable: poisson(random, stable * errorRate) };
    };
  }
  const latency = latencyOf(metric, traffic);
  const edge = quantileBin(latency, metric.quantile) ?? 0;
  const above = (bin: number): number =>
    ((1 - traffic.errorRate) * countAbove(latency, bin)) / countOf(latency);
  const rates = margins.map((margin) => above(edge + binsOfFactor(margin)));
  return (candidate, stable, random) => {
    const bands = rates.map((rate, index) =>
      poisson(random, candidate * Math.max(0, rate - (rates[index + 1] ?? 0))),
    );
    const counts = bands.map((_, index) => bands.slice(index).reduce((sum, n) => sum + n, 0));
    return { candidate: counts, stable: poisson(random, stable * above(edge)) };
  };
}
