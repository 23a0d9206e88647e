// An interval for a share, from so many of so many.
//
// Source: Wilson's score interval (JASA 1927).

export type ShareInterval = { readonly rate: number; readonly low: number; readonly high: number };

/** Two-sided at `z` standard deviations; `n` is at least 1. */
export function wilson(n: number, bad: number, z: number): ShareInterval {
  const rate = bad / n;
  const middle = rate + (z * z) / (2 * n);
  const reach = z * Math.sqrt((rate * (1 - rate)) / n + (z * z) / (4 * n * n));
  const scale = 1 + (z * z) / n;
  return {
    rate,
    low: Math.max(0, (middle - reach) / scale),
    high: Math.min(1, (middle + reach) / scale),
  };
}
