// RatioE: evidence that the candidate's rate of bad events exceeds (or stays below) a multiple of stable's, on four
// counts per tick and stratum. It may be looked at after every tick: the chance of ever reaching 1/alpha is at most
// alpha. It compares the arms at the same time, so shared load, shared incidents and changing shares cancel.
//
// Source: the binomial-conditional likelihood ratio of Lindon and Malek (arXiv 2011.03567), one-sided, per tick.
// Valid because e = u^xc * v^xs with u > 1 > v, and n_c*psi0*(u-1) = n_s*(1-v): E[e] <= 1 whenever
// p_c <= psi0 * p_s in that tick, for any base rate, and for requests that differ among themselves.

/** Requests of one tick and stratum, and how many of them were bad. */
export type TwoArms = {
  readonly candidate: { readonly n: number; readonly bad: number };
  readonly stable: { readonly n: number; readonly bad: number };
};

/** Multiples of the tested ratio that evidence is collected for. */
export const RATIOS_ABOVE: readonly number[] = [1.25, 1.5, 2, 3, 4, 6, 10, 20];

/**
 * Logs of the parts that they get. Most is for two to six times: less shows in hours, and what is left to luck of more
 * costs a few requests.
 */
export const RATIO_LOG_WEIGHTS: readonly number[] = [
  0.03, 0.06, 0.18, 0.25, 0.19, 0.14, 0.1, 0.05,
].map(Math.log);

/**
 * Natural log of a tick's e-value for "rate of the candidate over stable's is `ratio`" against `alternative`.
 * An alternative above the ratio speaks against "at most", one below it against "at least".
 * A tick in which either arm is empty says nothing: 0.
 */
export function ratioLogE(tick: TwoArms, ratio: number, alternative: number): number {
  const { candidate, stable } = tick;
  if (candidate.n === 0 || stable.n === 0) return 0;
  const events = candidate.bad + stable.bad;
  // Most ticks of most segments: nothing happened.
  if (events === 0) return 0;
  return (
    candidate.bad * Math.log(alternative / ratio) +
    events * ratioLogPerEvent(candidate.n, stable.n, ratio, alternative)
  );
}

/** What each event of either arm adds; one of the candidate adds log(alternative / ratio) besides. */
export function ratioLogPerEvent(
  candidateN: number,
  stableN: number,
  ratio: number,
  alternative: number,
): number {
  return Math.log((ratio * candidateN + stableN) / (alternative * candidateN + stableN));
}
