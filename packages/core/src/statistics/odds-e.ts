// FNCH: evidence about the odds ratio of two arms, exact for common outcomes, where counting events as if they were
// rare (RatioE) finds a change half as fast. The rate itself need not be known.
//
// Source: the likelihood ratio of Fisher's noncentral hypergeometric distribution, conditional on how many events
// both arms had together; per tick and stratum, a sequential form of the Cochran-Mantel-Haenszel test.

import { logSum } from "./log-space.ts";
import type { TwoArms } from "./ratio-e.ts";

/** Multiples of the tested odds ratio that evidence is collected for, in equal parts. */
export const ODDS_ABOVE: readonly number[] = [1.05, 1.1, 1.2, 1.3, 1.5, 2, 3, 5];
export const ODDS_LOG_WEIGHTS: readonly number[] = ODDS_ABOVE.map(() =>
  Math.log(1 / ODDS_ABOVE.length),
);

/** Natural log of a tick's e-value for "the odds ratio is `odds`" against `alternative`. 0 where an arm is empty. */
export function oddsLogE(arms: TwoArms, odds: number, alternative: number): number {
  return oddsLogEs(arms, odds, [alternative])[0] ?? 0;
}

/** The same for many alternatives, which have most of the work in common. */
export function oddsLogEs(
  { candidate, stable }: TwoArms,
  odds: number,
  alternatives: readonly number[],
): readonly number[] {
  if (candidate.n === 0 || stable.n === 0) return alternatives.map(() => 0);
  const events = candidate.bad + stable.bad;
  const least = Math.max(0, events - stable.n);
  const most = Math.min(events, candidate.n);
  // log of C(n_c, j) * C(n_s, K - j), up to a constant that cancels.
  const logWays = [0];
  for (let j = least; j < most; j++) {
    const step = ((candidate.n - j) * (events - j)) / ((j + 1) * (stable.n - events + j + 1));
    logWays.push((logWays.at(-1) ?? 0) + Math.log(step));
  }
  const logNorm = (ratio: number): number => {
    const log = Math.log(ratio);
    return logSum(logWays.map((ways, index) => ways + (least + index) * log));
  };
  const logNormTested = logNorm(odds);
  return alternatives.map(
    (alternative) =>
      candidate.bad * Math.log(alternative / odds) - logNorm(alternative) + logNormTested,
  );
}
