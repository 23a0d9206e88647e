// The threshold on events: the candidate's share of requests that end so, minus stable's at the same time.

import type { WholeSum } from "../evidence/window.ts";
import { percentText } from "../quantity.ts";
import { type Comparison, waitForData } from "./comparison.ts";
import { type Count, outcomeCount } from "./counting.ts";
import type { OutcomeEvent, ThresholdGuard } from "./guard.ts";
import { differenceInterval } from "./interval.ts";
import { metricName } from "./metric-text.ts";
import { type ArmMeasure, holdsStage, type Verdict } from "./verdict.ts";

type DifferenceGuard = ThresholdGuard & { readonly metric: { readonly event: OutcomeEvent } };

export function judgeDifference(guard: DifferenceGuard, comparison: Comparison): Verdict {
  const count = (sum: WholeSum): Count => outcomeCount(guard.metric.event, sum);
  const [own, other] = [count(comparison.candidate), count(comparison.stable)];
  const candidate = shareOf(own);
  const stable = shareOf(other);
  const limit = guard.comparison.kind === "difference" ? guard.comparison.differenceMax : 0;
  const base = {
    guard: guard.id,
    unit: "share" as const,
    comparison: "difference" as const,
    action: guard.action,
    holds: holdsStage(guard),
    limit,
    candidate,
    stable,
    baseline: comparison.baseline,
    interval: differenceInterval(own, other),
  };
  const waiting = waitForData(guard, comparison);
  if (waiting !== null) return { ...base, status: "wait", measured: null, text: waiting };
  const difference = (candidate.value ?? 0) - (stable.value ?? 0);
  return {
    ...base,
    status: difference > limit ? "fail" : "pass",
    measured: difference,
    text: `${metricName(guard.metric)} rate ${percentText(candidate.value ?? 0)} against stable's ${percentText(stable.value ?? 0)} (limit +${percentText(limit)}, ${candidate.n} and ${stable.n} requests)`,
  };
}

/** Nothing of none. */
export function shareOf({ n, bad }: Count): ArmMeasure {
  return { value: n === 0 ? null : bad / n, over: false, n };
}
