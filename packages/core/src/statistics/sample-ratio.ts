// Whether requests are split as they should be: evidence that the counts of some groups do not have the shares
// planned for them. A canary that loses requests before they are counted shows here, and nowhere else.
//
// Source: the Dirichlet-multinomial Bayes factor of Lindon and Malek (arXiv 2011.03567), as in their ssrm package.

import { logGamma } from "./log-gamma.ts";

/** How firmly the alternative expects shares near the planned ones. */
export const SAMPLE_RATIO_CONCENTRATION = 1_000;

/** Natural log of the e-value against "group i has the share `shares[i]`"; `prior`: Dirichlet weights. */
export function sampleRatioLogE(
  counts: readonly number[],
  shares: readonly number[],
  prior: readonly number[] = shares.map((share) => share * SAMPLE_RATIO_CONCENTRATION),
): number {
  const n = counts.reduce((sum, count) => sum + count, 0);
  const weight = prior.reduce((sum, alpha) => sum + alpha, 0);
  return counts.reduce(
    (sum, count, index) => {
      const alpha = prior[index] ?? 0;
      const chosen = count === 0 ? 0 : count * Math.log(shares[index] ?? 0);
      return sum + logGamma(alpha + count) - logGamma(alpha) - chosen;
    },
    logGamma(weight) - logGamma(weight + n),
  );
}
