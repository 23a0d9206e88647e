// How many of n independent requests are among those that are kept, drawn from a seeded generator.

import { normal, type Random } from "../random.ts";

/** Above this variance the draw is a rounded normal: off by less than a draw differs from the next. */
const VARIANCE_EXACT_MAX = 10_000;

/** `keep`: the chance of each, in [0, 1]. Exact, by waiting times (Devroye 1986, X.4.3), but for large numbers. */
export function binomial(random: Random, n: number, keep: number): number {
  if (keep >= 1 || n <= 0) return Math.max(0, n);
  if (keep <= 0) return 0;
  if (keep > 0.5) return n - binomial(random, n, 1 - keep);
  const variance = n * keep * (1 - keep);
  if (variance > VARIANCE_EXACT_MAX) {
    const drawn = Math.round(n * keep + Math.sqrt(variance) * normal(random));
    return Math.min(n, Math.max(0, drawn));
  }
  const logLeft = Math.log1p(-keep);
  let kept = 0;
  for (let at = waited(random, logLeft); at <= n; at += waited(random, logLeft)) kept++;
  return kept;
}

/** Requests until the next that is kept, itself included. */
function waited(random: Random, logLeft: number): number {
  return Math.floor(Math.log(1 - random.next()) / logLeft) + 1;
}
