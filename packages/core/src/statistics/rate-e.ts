// Evidence about one arm's rate alone, against a fixed rate: for rare events, where an absolute margin says more
// than a ratio, and for when stable has no users left to compare with.
//
// Source: the Poisson likelihood ratio. For independent requests E[r^x] <= exp(n*p*(r-1)), so that
// e = r^x * exp(n*rate*(1-r)) has E[e] <= 1 for p <= rate and r > 1, and for p >= rate and r < 1.

/** Shares of the tested rate that evidence of a lower one is collected for, in equal parts. */
export const RATES_BELOW: readonly number[] = [0.1, 0.25, 0.5, 0.8];

/** Natural log of a tick's e-value for "the rate is `rate`" against `factor` times that. */
export function rateLogE(
  tick: { readonly n: number; readonly bad: number },
  rate: number,
  factor: number,
): number {
  return tick.bad * Math.log(factor) + tick.n * rate * (1 - factor);
}

/** One-sided 99%: the standard normal quantile. */
const Z_99 = 2.3263;

/** A rate that the true one lies below with 99% confidence: the score bound of a Poisson mean. `n` above zero. */
export function rateUpper({ n, bad }: { readonly n: number; readonly bad: number }): number {
  const spread = Z_99 * Math.sqrt(bad + (Z_99 * Z_99) / 4);
  return (bad + (Z_99 * Z_99) / 2 + spread) / n;
}
