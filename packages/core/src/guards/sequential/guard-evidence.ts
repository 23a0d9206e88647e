// What a sequential guard has gathered since the rollout, or its last step back, began. Of bounded size, and JSON as
// it stands. All logarithms are natural.

import { KEY_BUCKETS } from "../../evidence/row.ts";
import type { SequentialGuard } from "../../policy.ts";
import { RATES_BELOW } from "../../statistics/rate-e.ts";
import type { TwoArms } from "../../statistics/ratio-e.ts";
import { newStakes } from "../../statistics/restart-mixture.ts";
import { alternativesAbove, alternativesBelow, hypothesesOf, testedRatio } from "./hypothesis.ts";

/** One hypothesis about the ratio. */
export type HypothesisEvidence = {
  /** Log e-values that it is higher, by alternative. */
  readonly above: readonly number[];
  /** Log e-values that it is lower, by alternative. */
  readonly below: readonly number[];
};

/** The alarm against the limit, see the restart mixture; counts are those at the limit. */
export type AlarmEvidence = { readonly stakes: readonly number[]; readonly counts: TwoArms };

export type GuardEvidence = {
  /** Ticks that said something. */
  readonly ticks: number;
  /** Latency guards: the bin that stable's quantile lies in; null until stable has enough requests. */
  readonly edge: number | null;
  /** By place in `hypothesesOf`. */
  readonly hypotheses: readonly HypothesisEvidence[];
  readonly pooled: AlarmEvidence;
  readonly segments: { readonly [segment: string]: AlarmEvidence };
  /** Error guards: log e-values that the candidate's rate alone lies below the guard's difference. */
  readonly rare: readonly number[];
  /** Stable's requests and failures by key bucket: how much users differ. */
  readonly buckets: { readonly arrivals: readonly number[]; readonly bad: readonly number[] };
};

export const NO_COUNTS: TwoArms = { candidate: { n: 0, bad: 0 }, stable: { n: 0, bad: 0 } };

export function emptyGuardEvidence(guard: SequentialGuard): GuardEvidence {
  const zeros = (length: number): number[] => new Array<number>(length).fill(0);
  return {
    ticks: 0,
    edge: null,
    hypotheses: hypothesesOf(guard).map((hypothesis) => {
      const tested = testedRatio(guard, hypothesis);
      return {
        above: zeros(alternativesAbove(tested).length),
        below: zeros(alternativesBelow(guard, tested).length),
      };
    }),
    pooled: { stakes: newStakes(alternativesAbove(1).length, 0, 1), counts: NO_COUNTS },
    segments: {},
    rare: zeros(RATES_BELOW.length),
    buckets: { arrivals: zeros(KEY_BUCKETS), bad: zeros(KEY_BUCKETS) },
  };
}

/** By guard. */
export type GuardsEvidence = { readonly [guard: string]: GuardEvidence };
