// An interval for a mean, or for a difference of means, that holds at every look at once: for tokens, cost and
// scores, which are neither counts nor rare. Asymptotic: from some hundred observations on.
//
// Source: Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas, "Time-uniform central limit theory and asymptotic confidence
// sequences" (arXiv 2103.06476), in the form that GrowthBook's statistics engine publishes.

import { logNormalAbove } from "./normal.ts";

/** Observations at which the interval is tightest. */
const TIGHTEST_AT = 5_000;

function tuning(alpha: number): number {
  const log = -2 * Math.log(alpha);
  return Math.sqrt((log + Math.log(log + 1)) / TIGHTEST_AT);
}

export type Observed = {
  /** Observations, of both arms together for a difference. */
  readonly n: number;
  /** For a difference: n * (v_c / n_c + v_s / n_s). */
  readonly variance: number;
};

/** Half the width of the two-sided interval, at confidence 1 - alpha for all n together. */
export function meanHalfWidth({ n, variance }: Observed, alpha: number): number {
  const rho = tuning(alpha);
  const growth = n * rho * rho + 1;
  const log = Math.log(Math.sqrt(growth) / alpha);
  return Math.sqrt((variance * 2 * growth * log) / (n * rho) ** 2);
}

/** How far the one-sided bound lies from the mean. */
export function meanBoundWidth({ n, variance }: Observed, alpha: number): number {
  const rho = tuning(2 * alpha);
  const growth = n * rho * rho + 1;
  const log = Math.log(1 + Math.sqrt(growth) / (2 * alpha));
  return Math.sqrt((variance * 2 * growth * log) / (n * rho) ** 2);
}

/** At what confidence evidence about means gathers fastest. */
const TUNED_FOR = 0.01;

/**
 * Natural log of the e-value that a mean lies above what is tested, from its distance in standard errors after n
 * observations. The test behind the one-sided bound: a normal mixture over the half line.
 */
export function meanLogE({ z, n }: { readonly z: number; readonly n: number }): number {
  const { base, reach } = mixtureOf(z, n);
  return base + logNormalAbove(-reach);
}

/** Whether that comes to so much. The tail lies between a half and one: most often its place there does not matter. */
export function meanReaches(
  observed: { readonly z: number; readonly n: number },
  needed: number,
): boolean {
  const { base, reach } = mixtureOf(observed.z, observed.n);
  if (base < needed - SLACK) return false;
  if (reach >= 0 && base - Math.LN2 > needed + SLACK) return true;
  return meanLogE(observed) >= needed;
}

/** More than rounding can make of a logarithm. */
const SLACK = 1e-6;
const TUNING = tuning(2 * TUNED_FOR);

function mixtureOf(z: number, n: number): { readonly base: number; readonly reach: number } {
  const information = n * TUNING ** 2;
  const growth = 1 + information;
  const reach = z * Math.sqrt(information / growth);
  return { base: Math.LN2 - Math.log(growth) / 2 + reach ** 2 / 2, reach };
}
