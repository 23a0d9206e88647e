// Whether two samples of a figure, one a kind of world, have the same mean: an interval of the difference as Welch has it,
// as wide as so many intervals at once need.
import { logGamma } from "@slipway/core";

export type Difference = {
  readonly requests: number;
  readonly counts: number;
  /** Of counts less requests. */
  readonly low: number;
  readonly high: number;
  /** The interval holds zero. */
  readonly agrees: boolean;
};

/** `chance`: of an interval that misses the difference although all is well. */
export function differenceOf(
  requests: readonly number[],
  counts: readonly number[],
  chance: number,
): Difference {
  const [a, b] = [momentsOf(requests), momentsOf(counts)];
  const error = Math.sqrt(a.error2 + b.error2);
  const difference = b.mean - a.mean;
  const freedom =
    error === 0
      ? 1
      : error ** 4 /
        (a.error2 ** 2 / Math.max(1, requests.length - 1) +
          b.error2 ** 2 / Math.max(1, counts.length - 1));
  const half = error === 0 ? 0 : error * tQuantile(1 - chance / 2, freedom);
  const [low, high] = [difference - half, difference + half];
  // Sums of the same numbers in another order differ in their last bits.
  const slack = 1e-9 * Math.max(Math.abs(a.mean), Math.abs(b.mean));
  return { requests: a.mean, counts: b.mean, low, high, agrees: low <= slack && high >= -slack };
}

function momentsOf(values: readonly number[]): { readonly mean: number; readonly error2: number } {
  const n = values.length;
  if (n < 2) throw new RangeError("a spread needs two seeds at least");
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, error2: squares / (n - 1) / n };
}

/** Of Student's distribution, by halving. */
export function tQuantile(probability: number, freedom: number): number {
  let [low, high] = [0, 1];
  while (tUpTo(high, freedom) < probability) high *= 2;
  for (let step = 0; step < 100; step++) {
    const middle = (low + high) / 2;
    if (tUpTo(middle, freedom) < probability) low = middle;
    else high = middle;
  }
  return high;
}

/** The chance of at most `t`, which is positive. */
function tUpTo(t: number, freedom: number): number {
  return 1 - betaUpTo(freedom / (freedom + t * t), freedom / 2, 0.5) / 2;
}

/** The regularised incomplete beta function, by its continued fraction (Lentz). */
function betaUpTo(x: number, a: number, b: number): number {
  if (x > (a + 1) / (a + b + 2)) return 1 - betaUpTo(1 - x, b, a);
  const logFront =
    a * Math.log(x) + b * Math.log(1 - x) + logGamma(a + b) - logGamma(a) - logGamma(b);
  let [c, d] = [1, 1 / (1 - ((a + b) * x) / (a + 1))];
  let fraction = d;
  for (let m = 1; m <= 200; m++) {
    for (const term of [
      (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m)),
      (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1)),
    ]) {
      d = 1 / (1 + term * d);
      c = 1 + term / c;
      fraction *= c * d;
    }
  }
  return (Math.exp(logFront) * fraction) / a;
}
