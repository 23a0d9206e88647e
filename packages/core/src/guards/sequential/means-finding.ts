// What a guard of means has found, in the form of all sequential guards: evidence that the ratio of means, or the
// candidate's mean over a limit, is higher than allowed, and an interval for it.

import type { Place } from "../../rollout/phase.ts";
import { meanLogE, meanReaches } from "../../statistics/mean-interval.ts";
import type { SequentialGuard } from "../guard.ts";
import type { Sureness, Weighed } from "./finding-outcome.ts";
import { marginOf, ratioMaxOf } from "./hypothesis.ts";
import { type Distance, distanceOf, type MeansEvidence } from "./means.ts";

/** Ratios beyond these are not looked for. */
const RATIO_MAX = 64;
const SEARCH_STEPS = 30;

export function weighMeans(
  { comparison, ...guard }: SequentialGuard,
  means: MeansEvidence,
  place: Place,
  sureness: Sureness,
): Weighed {
  const distance = distanceOf(means, comparison);
  const below = (ratio: number): Distance | null => {
    const at = distance(ratio);
    return at === null ? null : { z: -at.z, n: at.n };
  };
  const whole = { ...guard, comparison };
  const margin = marginOf(whole, place);
  const scale = comparison.kind === "limit" ? comparison.max : 1;
  const scaled = (ratio: number | null): number | null => (ratio === null ? null : ratio * scale);
  return {
    logE: logEOf(distance(ratioMaxOf(whole))),
    logNeeded: sureness.alarm,
    odds: false,
    segment: null,
    replica: null,
    byHeavyUser: false,
    byFewUsers: false,
    late: null,
    going: {
      margin: margin * scale,
      difference: null,
      logE: logEOf(below(margin)),
      logNeeded: sureness.going,
    },
    bounds: () => ({
      low: scaled(lastWith((ratio) => isSure(distance(ratio), sureness.interval))),
      high: scaled(firstWith((ratio) => isSure(below(ratio), sureness.interval))),
      excluded: scaled(firstWith((ratio) => isSure(below(ratio), sureness.going))),
    }),
  };
}

function logEOf(at: Distance | null): number {
  return at === null ? 0 : meanLogE(at);
}

function isSure(at: Distance | null, needed: number): boolean {
  return at !== null && meanReaches(at, needed);
}

/** The largest ratio for which it holds, as it does for all smaller ones; null for none. */
function lastWith(holds: (ratio: number) => boolean): number | null {
  const inverse = firstWith((ratio) => holds(1 / ratio));
  return inverse === null ? null : 1 / inverse;
}

/** The smallest ratio for which it holds, as it does for all larger ones; null for none. */
function firstWith(holds: (ratio: number) => boolean): number | null {
  if (!holds(RATIO_MAX)) return null;
  let [low, high] = [-Math.log(RATIO_MAX), Math.log(RATIO_MAX)];
  for (let step = 0; step < SEARCH_STEPS; step++) {
    const middle = (low + high) / 2;
    if (holds(Math.exp(middle))) high = middle;
    else low = middle;
  }
  return Math.exp(high);
}
