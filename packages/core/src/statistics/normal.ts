// The standard normal distribution, also far out, where only its logarithm fits a double.

/** Beyond this the continued fraction converges at once. */
const TAIL_FROM = 3;
const FRACTION_TERMS = 24;

/** Natural log of the chance to lie above z. */
export function logNormalAbove(z: number): number {
  return z > TAIL_FROM ? logTail(z) : Math.log(1 - normalBelow(z));
}

/** The chance to lie below z, within 1e-7 (Abramowitz and Stegun 7.1.26; 26.2.14 in the tails). */
export function normalBelow(z: number): number {
  const size = Math.abs(z);
  const above = size > TAIL_FROM ? Math.exp(logTail(size)) : nearAbove(size);
  return z < 0 ? above : 1 - above;
}

function nearAbove(z: number): number {
  const x = z / Math.SQRT2;
  const t = 1 / (1 + 0.327_591_1 * x);
  const series =
    t *
    (0.254_829_592 +
      t * (-0.284_496_736 + t * (1.421_413_741 + t * (-1.453_152_027 + t * 1.061_405_429))));
  return (series * Math.exp(-x * x)) / 2;
}

function logTail(z: number): number {
  let fraction = z;
  for (let term = FRACTION_TERMS; term > 0; term--) fraction = z + term / fraction;
  return -(z * z) / 2 - Math.log(2 * Math.PI) / 2 - Math.log(fraction);
}
