// The interval of a shift between two samples by Mann and Whitney's test: the Hodges-Lehmann estimate with the order
// statistics of all pairwise differences (Hollander, Wolfe, Chicken: Nonparametric Statistical Methods, section 4.3).

export type Shift = {
  readonly low: number;
  /** The median of all differences. */
  readonly estimate: number;
  readonly high: number;
};

/** How far `values` lie above `others`. `z`: the standard normal quantile of the two-sided confidence. */
export function shiftOf(values: readonly number[], others: readonly number[], z: number): Shift {
  const differences = values
    .flatMap((value) => others.map((other) => value - other))
    .sort((a, b) => a - b);
  const [m, n] = [values.length, others.length];
  const reach = z * Math.sqrt((m * n * (m + n + 1)) / 12);
  const rank = Math.max(0, Math.floor((m * n) / 2 - reach));
  const at = (index: number): number => differences[index] ?? Number.NaN;
  const middle = (differences.length - 1) / 2;
  return {
    low: at(rank),
    estimate: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2,
    high: at(differences.length - 1 - rank),
  };
}
