// How much more stable's failures vary between groups of users than independent requests would: a few heavy users
// who fail together look like many failures. Evidence is divided by it, so that they count as what they are.
//
// Source: Pearson's statistic over key-hash buckets. An approximation, not a theorem: exact tests under any
// dependence within users exist, and find almost nothing.

/** Quantiles of chi-square with 19 degrees of freedom, one less than there are buckets: at 10, 40, 90, 95 and 99%. */
const CHI_SQUARE_LOW = 11.650_91;
const CHI_SQUARE_MIDDLE = 16.850_43;
const CHI_SQUARE_HIGH = 27.203_57;
const CHI_SQUARE_HIGHER = 30.143_53;
const CHI_SQUARE_HIGHEST = 36.190_87;
/** At 10%, with one bucket fewer. */
const CHI_SQUARE_LOW_OF_OTHERS = 10.864_94;

/**
 * What to divide log e-values by: the upper 90% bound of the estimate once the spread can hardly be chance. While it could,
 * nothing, unless the requests themselves are spread as those of users who send several: then failures of one user may
 * well go together, and it is the upper 60% bound.
 */
export function overdispersion(buckets: {
  readonly arrivals: readonly number[];
  readonly bad: readonly number[];
}): number {
  const chiSquare = pearson(buckets);
  const sendSeveral = arrivalsChiSquare(buckets.arrivals) > CHI_SQUARE_HIGHER;
  if (chiSquare > (sendSeveral ? CHI_SQUARE_HIGHER : CHI_SQUARE_HIGHEST)) {
    return chiSquare / CHI_SQUARE_LOW;
  }
  return sendSeveral ? Math.max(1, chiSquare / CHI_SQUARE_MIDDLE) : 1;
}

/**
 * The upper 90% bound of the estimate, at least 1, whether or not the spread could be chance. `without`: of all buckets but
 * this one; null for all.
 */
export function overdispersionUpper(
  { arrivals, bad }: { readonly arrivals: readonly number[]; readonly bad: readonly number[] },
  without: number | null = null,
): number {
  if (without === null) return Math.max(1, pearson({ arrivals, bad }) / CHI_SQUARE_LOW);
  const others = {
    arrivals: arrivals.toSpliced(without, 1),
    bad: bad.toSpliced(without, 1),
  };
  return Math.max(1, pearson(others) / CHI_SQUARE_LOW_OF_OTHERS);
}

function pearson({
  arrivals,
  bad,
}: {
  readonly arrivals: readonly number[];
  readonly bad: readonly number[];
}): number {
  const n = sumOf(arrivals);
  const rate = n === 0 ? 0 : sumOf(bad) / n;
  if (rate === 0 || rate >= 1) return 0;
  let chiSquare = 0;
  for (let bucket = 0; bucket < arrivals.length; bucket++) {
    const count = arrivals[bucket] ?? 0;
    if (count === 0) continue;
    const off = (bad[bucket] ?? 0) - count * rate;
    chiSquare += (off * off) / (count * rate * (1 - rate));
  }
  return chiSquare;
}

function sumOf(counts: readonly number[]): number {
  let sum = 0;
  for (const count of counts) sum += count;
  return sum;
}

/**
 * How much more the number of requests varies between equal parts of the users than independent requests would: a few
 * users who send much are few draws, however many requests they send. 1 while it could be chance.
 */
export function unevenness(arrivals: readonly number[]): number {
  const chiSquare = arrivalsChiSquare(arrivals);
  return chiSquare > CHI_SQUARE_HIGH ? chiSquare / CHI_SQUARE_LOW : 1;
}

function arrivalsChiSquare(arrivals: readonly number[]): number {
  const mean = sumOf(arrivals) / Math.max(1, arrivals.length);
  if (mean === 0) return 0;
  let chiSquare = 0;
  for (const count of arrivals) chiSquare += (count - mean) ** 2 / mean;
  return chiSquare;
}

/**
 * The same for means: how much more the sums of groups of users vary than independent requests with this variance
 * would, as a factor of at least 1 on the variance of a mean. Arrivals stand for the requests that were measured.
 */
export function meanDispersion(
  buckets: { readonly arrivals: readonly number[]; readonly sums: readonly number[] },
  variance: number,
): number {
  const n = buckets.arrivals.reduce((sum, count) => sum + count, 0);
  if (n === 0 || variance <= 0) return 1;
  const mean = buckets.sums.reduce((sum, one) => sum + one, 0) / n;
  const chiSquare = buckets.arrivals.reduce((sum, count, bucket) => {
    if (count === 0) return sum;
    const off = (buckets.sums[bucket] ?? 0) - count * mean;
    return sum + (off * off) / (count * variance);
  }, 0);
  return chiSquare > CHI_SQUARE_HIGH ? chiSquare / CHI_SQUARE_LOW : 1;
}
