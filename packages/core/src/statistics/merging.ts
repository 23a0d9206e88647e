// Putting e-values together. A mean of e-values is an e-value whatever their dependence; a product of those of
// independent strata is one too. Segments get both: half on "all alike", half on "one alone".

import { logAdd, logMean } from "./log-space.ts";

/** Natural log of the hybrid of a test pooled over segments and the tests of each segment. */
export function hybridLogE(pooled: number, segments: readonly number[]): number {
  if (segments.length < 2) return pooled;
  return logAdd(pooled, logMean(segments)) - Math.LN2;
}

/** Natural log of the mean of two e-values for one claim: either may show it. */
export function eitherLogE(a: number, b: number): number {
  return logAdd(a, b) - Math.LN2;
}
