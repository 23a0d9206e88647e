// Evidence about one arm's rate alone against a declared limit, exact also where the limit is large: what a guard with
// an absolute limit gathers, also when nobody is left to compare with.
//
// Source: the binomial likelihood ratio. Each request's factor has a mean of 1 + (p - limit) * c, with c above zero for
// an alternative above the limit, so that E[e] <= 1 for every mix of rates whose mean is at most the limit.

/** Natural log of a tick's e-value for "the rate is `limit`" against `alternative`, both shares; 0 for no share. */
export function boundLogE(
  { n, bad }: { readonly n: number; readonly bad: number },
  limit: number,
  alternative: number,
): number {
  if (limit <= 0 || limit >= 1) return 0;
  // What lies beyond certainty is as far as halfway to it.
  const other = alternative < 1 ? alternative : (1 + limit) / 2;
  return bad * Math.log(other / limit) + (n - bad) * Math.log((1 - other) / (1 - limit));
}
