// How long a regression of a given size takes to be seen, from traffic and base rate alone: what to expect of a
// stage before it begins.
//
// Source: evidence grows by events per minute times the Kullback-Leibler distance of the candidate's share of
// them from its expected share; an e-process needs log(1/alpha) of it, and about 1.5 for not knowing the size.

import { logNormalAbove, normalBelow } from "./normal.ts";

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

/** How evidence gathers while one regression lasts: a random walk's mean and variance, both per minute. */
export type Gathering = { readonly drift: number; readonly variance: number };

/** Requests per minute of both arms, and the shares of them that are bad. */
export type Flow = {
  readonly candidate: { readonly perMinute: number; readonly badRate: number };
  readonly stable: { readonly perMinute: number; readonly badRate: number };
};

/** Of the log e-value against `tested`, for the alternative that is right or nearest to it, in [least, most] times it. */
export function gathering(
  { candidate, stable }: Flow,
  tested: number,
  [least, most]: readonly [number, number],
): Gathering {
  const truth = stable.badRate === 0 ? most : candidate.badRate / stable.badRate / tested;
  const alternative = Math.min(most, Math.max(least, truth));
  const share = candidate.perMinute / (candidate.perMinute + stable.perMinute);
  const eachEvent = -Math.log1p(
    (share * tested * (alternative - 1)) / (share * tested + 1 - share),
  );
  const ofCandidate = Math.log(alternative) + eachEvent;
  const badCandidate = candidate.perMinute * candidate.badRate;
  const badStable = stable.perMinute * stable.badRate;
  return {
    drift: badCandidate * ofCandidate + badStable * eachEvent,
    variance: badCandidate * ofCandidate ** 2 + badStable * eachEvent ** 2,
  };
}

/** What an alarm needs beyond log(1/alpha): for not knowing how much worse the candidate is. */
export function distanceOf(logNeeded: number): number {
  return logNeeded + COST_OF_NOT_KNOWING;
}

/**
 * The chance that a random walk with this mean and variance at its end ever reached `distance` on the way there: the
 * first passage of a Brownian motion with drift (inverse Gaussian).
 */
export function passageChance({ drift, variance }: Gathering, distance: number): number {
  if (variance <= 0) return drift >= distance ? 1 : 0;
  const spread = Math.sqrt(variance);
  const turned = Math.exp(
    (2 * drift * distance) / variance + logNormalAbove((drift + distance) / spread),
  );
  return Math.min(1, normalBelow((drift - distance) / spread) + turned);
}
