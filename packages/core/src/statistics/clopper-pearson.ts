// The lowest share that so many of n may come from: exact for independent tries, and for tries whose chances differ, of
// their mean.
//
// Source: Clopper & Pearson 1934. For differing chances: Hoeffding 1956, Theorem 4, by which the tail of their sum is the
// binomial's at most.

import { logGamma } from "./log-gamma.ts";

const HALVINGS = 60;

/** The share lies below it with this chance at most. */
export function clopperPearsonLow(hits: number, tries: number, chance: number): number {
  if (hits <= 0 || tries <= 0) return 0;
  let low = 0;
  let high = hits / tries;
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2;
    if (atLeast(hits, tries, middle) > chance) high = middle;
    else low = middle;
  }
  return low;
}

/** P(Bin(n, share) >= k). */
function atLeast(k: number, n: number, share: number): number {
  if (share <= 0) return k <= 0 ? 1 : 0;
  const [log, logRest] = [Math.log(share), Math.log1p(-share)];
  let sum = 0;
  for (let i = k; i <= n; i++) {
    const ways = logGamma(n + 1) - logGamma(i + 1) - logGamma(n - i + 1);
    // Of all of n there is no rest, whose log may be minus infinity.
    sum += Math.exp(ways + i * log + (i === n ? 0 : (n - i) * logRest));
  }
  return sum;
}
