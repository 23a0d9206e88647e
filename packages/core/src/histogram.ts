// A mergeable latency histogram with logarithmic bins: DDSketch (Masson, Rim, Lee; VLDB 2019) with
// gamma = 2^(1/35), so that a factor of two is exactly 35 bins and "P99 over 2x" is counted, not estimated.

/** Bin k holds values in (GAMMA^(k-1), GAMMA^k]. */
export const GAMMA: number = 2 ** (1 / 35);
/** Half the relative width of a bin: the error of a quantile, as a share of it. */
export const RELATIVE_ACCURACY: number = (GAMMA - 1) / (GAMMA + 1);
export const BINS_PER_OCTAVE = 35;
/** One microsecond, in milliseconds; what is lower counts as this. */
const VALUE_MIN_MS = 0.001;
/** About 4.6 hours; what is higher counts as this. */
const VALUE_MAX_MS = 2 ** 24;

/** Counts of values in milliseconds. Mutable by `record` and `mergeInto` alone; JSON as it stands. */
export type Histogram = {
  /** The bin that counts[0] counts. */
  first: number;
  counts: number[];
  /** Values known only to lie above every limit: requests that never finished within their horizon. */
  over: number;
};

export function emptyHistogram(): Histogram {
  return { first: 0, counts: [], over: 0 };
}

/** The bins that there are: those of VALUE_MIN_MS and VALUE_MAX_MS. */
export const BIN_MIN: number = binOf(VALUE_MIN_MS);
export const BIN_MAX: number = binOf(VALUE_MAX_MS);

/** The bin of a value in milliseconds. */
export function binOf(valueMs: number): number {
  const clamped = Math.min(VALUE_MAX_MS, Math.max(VALUE_MIN_MS, valueMs));
  return Math.ceil(Math.log2(clamped) * BINS_PER_OCTAVE - 1e-9);
}

export function record(histogram: Histogram, valueMs: number): void {
  add(histogram, binOf(valueMs), 1);
}

function add(histogram: Histogram, bin: number, count: number): void {
  makeRoom(histogram, bin, bin + 1);
  const index = bin - histogram.first;
  histogram.counts[index] = (histogram.counts[index] ?? 0) + count;
}

/** Adds `source` to `target`. The result does not depend on the order of merges. */
export function mergeInto(target: Histogram, source: Histogram): void {
  target.over += source.over;
  const { counts } = source;
  if (counts.length === 0) return;
  if (target.counts.length === 0) {
    target.first = source.first;
    target.counts = counts.slice();
    return;
  }
  makeRoom(target, source.first, source.first + counts.length);
  const from = source.first - target.first;
  const sums = target.counts;
  for (let index = 0; index < counts.length; index++) {
    const count = counts[index] ?? 0;
    if (count !== 0) sums[from + index] = (sums[from + index] ?? 0) + count;
  }
}

/** As `mergeInto` for each of them; of many it is quicker to make room once. */
export function mergeAllInto(target: Histogram, sources: readonly Histogram[]): void {
  let first = Number.POSITIVE_INFINITY;
  let end = Number.NEGATIVE_INFINITY;
  for (const source of sources) {
    if (source.counts.length === 0) continue;
    first = Math.min(first, source.first);
    end = Math.max(end, source.first + source.counts.length);
  }
  if (first < end) makeRoom(target, first, end);
  for (const source of sources) mergeInto(target, source);
}

/** Takes away what was merged before; bins stay that count nothing any more. */
export function subtractFrom(target: Histogram, source: Histogram): void {
  target.over -= source.over;
  const { counts } = source;
  const from = source.first - target.first;
  for (let index = 0; index < counts.length; index++) {
    const count = counts[index] ?? 0;
    if (count !== 0) target.counts[from + index] = (target.counts[from + index] ?? 0) - count;
  }
}

/** Without empty bins at its ends. */
export function trimmed({ first, counts, over }: Histogram): Histogram {
  const low = counts.findIndex((count) => count !== 0);
  if (low < 0) return { first: 0, counts: [], over };
  const high = counts.findLastIndex((count) => count !== 0);
  return { first: first + low, counts: counts.slice(low, high + 1), over };
}

/** For the bins from `first` up to, and without, `end`. */
function makeRoom(histogram: Histogram, first: number, end: number): void {
  if (histogram.counts.length === 0) {
    histogram.first = first;
    histogram.counts = new Array<number>(end - first).fill(0);
    return;
  }
  const missing = histogram.first - first;
  if (missing > 0) {
    histogram.counts = new Array<number>(missing).fill(0).concat(histogram.counts);
    histogram.first = first;
  }
  while (histogram.first + histogram.counts.length < end) histogram.counts.push(0);
}

/** Adds a list of histograms to another, place by place. */
export function mergeHistogramsInto(target: Histogram[], source: readonly Histogram[]): void {
  source.forEach((histogram, index) => {
    const sum = target[index] ?? emptyHistogram();
    mergeInto(sum, histogram);
    target[index] = sum;
  });
}

/** How many values it holds, those over every limit included. */
export function countOf(histogram: Histogram): number {
  return countFrom(histogram, 0);
}

/** How many values lie in bins above `bin`, those over every limit included. */
export function countAbove(histogram: Histogram, bin: number): number {
  return countFrom(histogram, Math.max(0, bin + 1 - histogram.first));
}

function countFrom({ counts, over }: Histogram, from: number): number {
  let sum = over;
  for (let index = from; index < counts.length; index++) sum += counts[index] ?? 0;
  return sum;
}

/** The bin that holds the value at rank q * (n - 1); null when there is none, or it is over every limit. */
export function quantileBin(histogram: Histogram, q: number): number | null {
  const rank = q * (countOf(histogram) - 1);
  let below = 0;
  const { counts, first } = histogram;
  for (let index = 0; index < counts.length; index++) {
    below += counts[index] ?? 0;
    if (below > rank) return first + index;
  }
  return null;
}

/** How many bins a factor spans; exact for powers of two, else within 1%. */
export function binsOfFactor(factor: number): number {
  return Math.round(Math.log2(factor) * BINS_PER_OCTAVE);
}

/**
 * The quantile in milliseconds, within RELATIVE_ACCURACY of the value at rank q * (n - 1).
 * Infinity when that rank lies among the values over every limit; null when there is no value.
 */
export function quantile(histogram: Histogram, q: number): number | null {
  if (countOf(histogram) === 0) return null;
  const bin = quantileBin(histogram, q);
  return bin === null ? Number.POSITIVE_INFINITY : (2 * GAMMA ** bin) / (GAMMA + 1);
}
