// Evidence that the candidate's rate of bad events lies less than a difference above stable's, on four counts per tick:
// what a ratio needs hours for, where bad events are rare and a few more of them would not matter.
//
// Source: a Poisson likelihood ratio whose nuisance cancels. For independent requests, u < 1 and v = 1 + (1-u)*n_c/n_s,
// E[u^xc * v^xs] <= exp(-n_c*p_c*(1-u) + n_c*p_s*(1-u)), so that e = u^xc * v^xs * exp(n_c*d*(1-u)) has E[e] <= 1 whenever
// p_c >= p_s + d in that tick, for any base rate, and for requests that differ among themselves.

import type { TwoArms } from "./ratio-e.ts";

/** What an event of the candidate is multiplied by, in equal parts: far below 1 where they are rare beside the difference. */
export const DIFFERENCE_FACTORS: readonly number[] = [0.15, 0.4, 0.65, 0.8];

/**
 * Natural log of a tick's e-value for "the candidate's rate is `difference` above stable's, or more". Without requests of
 * stable it speaks of the candidate's rate alone.
 */
export function differenceLogE(
  { candidate, stable }: TwoArms,
  difference: number,
  factor: number,
): number {
  const less = 1 - factor;
  const ofStable = stable.bad === 0 ? 0 : stable.bad * Math.log1p((less * candidate.n) / stable.n);
  return candidate.bad * Math.log(factor) + ofStable + candidate.n * difference * less;
}
