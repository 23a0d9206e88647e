// The logarithm of the gamma function, for Bayes factors over counts.

/** Stirling's series is exact to a double from here on. */
const SERIES_FROM = 12;

/** ln Γ(x) for x > 0, by Stirling's series and the recurrence below it (Abramowitz and Stegun 6.1.15, 6.1.41). */
export function logGamma(x: number): number {
  let product = 1;
  let y = x;
  for (; y < SERIES_FROM; y++) product *= y;
  const square = 1 / (y * y);
  const series = (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square / 1680))) / y;
  return (y - 0.5) * Math.log(y) - y + Math.log(2 * Math.PI) / 2 + series - Math.log(product);
}
