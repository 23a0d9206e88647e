// How long a regression of a given size takes to be seen, from traffic and base rate alone: what to expect of a
// stage before it begins.
//
// Source: evidence grows by events per minute times the Kullback-Leibler distance of the candidate's share of
// them from its expected share; an e-process needs log(1/alpha) of it, and about 1.5 for not knowing the size.

const COST_OF_NOT_KNOWING = 1.5;

export type Plan = {
  /** Requests per minute. */
  readonly candidatePerMinute: number;
  readonly stablePerMinute: number;
  /** Stable's rate of bad events. */
  readonly baseRate: number;
  /** The candidate's rate over stable's. */
  readonly ratio: number;
  readonly alpha: number;
};

/** Minutes until half of such regressions are found. Infinity for a ratio of 1. */
export function medianDelayMinutes(plan: Plan): number {
  const { candidatePerMinute, stablePerMinute, baseRate, ratio, alpha } = plan;
  const events = (candidatePerMinute * ratio + stablePerMinute) * baseRate;
  const share = (ratio * candidatePerMinute) / (ratio * candidatePerMinute + stablePerMinute);
  const expected = candidatePerMinute / (candidatePerMinute + stablePerMinute);
  const distance =
    share * Math.log(share / expected) + (1 - share) * Math.log((1 - share) / (1 - expected));
  return (Math.log(1 / alpha) + COST_OF_NOT_KNOWING) / (events * distance);
}
