// How many times as much one version has as another on the same items, with an interval over items like these.
//
// Source: Cochran, Sampling Techniques, 1977, 6.4: the ratio estimator and its variance.

/** 97.5% of the standard normal lie below. */
const Z = 1.959_964;

export type Amounts = { readonly stable: number; readonly candidate: number };

export type RatioOfSums = {
  readonly ratio: number;
  /** At 95%; null where there is one item, which says nothing of others. */
  readonly interval: readonly [low: number, high: number] | null;
};

/** Null where stable has none. */
export function ratioOfSums(items: readonly Amounts[]): RatioOfSums | null {
  const stable = items.reduce((sum, item) => sum + item.stable, 0);
  if (stable <= 0) return null;
  const ratio = items.reduce((sum, item) => sum + item.candidate, 0) / stable;
  const n = items.length;
  if (n < 2) return { ratio, interval: null };
  const squares = items.reduce((sum, item) => sum + (item.candidate - ratio * item.stable) ** 2, 0);
  const half = (Z * Math.sqrt((squares * n) / (n - 1))) / stable;
  return { ratio, interval: [Math.max(0, ratio - half), ratio + half] };
}
