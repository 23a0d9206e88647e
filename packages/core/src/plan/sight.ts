// What a sequential guard can see: the smallest harm that it finds by the end of a stage, and how long a given harm
// takes to be found. A normal approximation of the guard's own test.

import { alarmLogE, type SequentialGuard } from "../guards/guard.ts";
import { differenceMinOf, ratioMaxOf } from "../guards/sequential/hypothesis.ts";
import type { Policy } from "../policy.ts";
import { distanceOf, type Gathering, gathering, passageChance } from "../statistics/planning.ts";
import { RATIOS_ABOVE } from "../statistics/ratio-e.ts";
import { stakeLeft } from "../statistics/restart-mixture.ts";
import { badRates } from "./harm.ts";
import type { SegmentTraffic, Traffic } from "./traffic.ts";

/** A stretch of time at one share of users. */
export type Stretch = { readonly percent: number; readonly minutes: number };

/** Whom the harm befalls: everybody, or one of so many segments. */
export type Scope = { readonly segment: SegmentTraffic | null; readonly segments: number };

export type Sight = {
  readonly guard: SequentialGuard;
  readonly policy: Policy;
  readonly traffic: Traffic;
  readonly scope: Scope;
  /** What evidence is divided by, since users differ. */
  readonly temper: number;
};

const RATIO_MAX = 100;
const SEARCH_STEPS = 40;
const MINUTES_MAX = 60 * 24 * 365;

/** The chance that harm of this ratio, there from the start, has broken the guard by the end. */
export function chanceToSee(sight: Sight, ratio: number, stretches: readonly Stretch[]): number {
  if (!matters(sight, ratio)) return 0;
  const sum = { drift: 0, variance: 0 };
  for (const { percent, minutes } of stretches) {
    const { drift, variance } = perMinute(sight, ratio, percent);
    sum.drift += drift * minutes;
    sum.variance += variance * minutes;
  }
  return passageChance(sum, neededOf(sight));
}

/** The smallest ratio that is found by the end with this chance; null where none is. */
export function smallestSeen(
  sight: Sight,
  stretches: readonly Stretch[],
  chance: number,
): number | null {
  if (chanceToSee(sight, RATIO_MAX, stretches) < chance) return null;
  let [low, high] = [Math.log(ratioMaxOf(sight.guard)), Math.log(RATIO_MAX)];
  for (let step = 0; step < SEARCH_STEPS; step++) {
    const middle = (low + high) / 2;
    if (chanceToSee(sight, Math.exp(middle), stretches) < chance) low = middle;
    else high = middle;
  }
  return Math.exp(high);
}

/** Minutes at this share until such harm is found with this chance; null where it never is. */
export function minutesToSee(
  sight: Sight,
  ratio: number,
  percent: number,
  chance: number,
): number | null {
  const seen = (minutes: number): boolean =>
    chanceToSee(sight, ratio, [{ percent, minutes }]) >= chance;
  if (!seen(MINUTES_MAX)) return null;
  let [low, high] = [0, MINUTES_MAX];
  for (let step = 0; step < SEARCH_STEPS; step++) {
    const middle = (low + high) / 2;
    if (seen(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/** Harm above this ratio is large enough to break the guard at all. */
export function ratioThatMatters({ guard, traffic, scope }: Sight): number {
  const ratioMax = ratioMaxOf(guard);
  const differenceMin = differenceMinOf(guard);
  if (guard.metric.kind === "latency") return ratioMax;
  const errorRate = scope.segment?.errorRate ?? traffic.errorRate;
  const least = errorRate === 0 ? Number.POSITIVE_INFINITY : 1 + differenceMin / errorRate;
  return Math.max(ratioMax, differenceMin === 0 ? 1 : least);
}

function matters(sight: Sight, ratio: number): boolean {
  return ratio > ratioThatMatters(sight) - 1e-9;
}

function perMinute(
  { guard, traffic, scope, temper }: Sight,
  ratio: number,
  percent: number,
): Gathering {
  const { segment } = scope;
  const rates = badRates(guard, traffic, ratio, ratioMaxOf(guard), segment?.errorRate);
  const perMinuteAll = traffic.perMinute * (segment?.share ?? 1);
  const candidate = perMinuteAll * (percent / 100);
  const one = gathering(
    {
      candidate: { perMinute: candidate, badRate: rates.candidate },
      stable: { perMinute: perMinuteAll - candidate, badRate: rates.stable },
    },
    guard.metric.kind === "latency" ? 1 : ratioMaxOf(guard),
    [Math.min(...RATIOS_ABOVE), Math.max(...RATIOS_ABOVE)],
  );
  return { drift: one.drift / temper, variance: one.variance / temper ** 2 };
}

/** Half of the evidence is that of all segments together, half the mean of each one's. */
function neededOf({ guard, policy, scope }: Sight): number {
  const atStart = -Math.log(1 - stakeLeft(0, 1));
  const both = scope.segments < 2 ? 0 : Math.LN2;
  const alone = scope.segment === null || scope.segments < 2 ? 0 : Math.log(scope.segments);
  return distanceOf(alarmLogE(guard, policy)) + atStart + both + alone;
}
