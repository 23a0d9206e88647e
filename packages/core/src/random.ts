// A seeded pseudo-random generator, so that every simulated world, and every drawn number in a test,
// can be had again from its seed. Not for secrets.

export type Random = {
  /** The next number, uniform in [0, 1). */
  readonly next: () => number;
};

/**
 * sfc32 ("small fast counting", Chris Doty-Humphrey, PractRand): 128 bits of state, passes PractRand
 * to 1 TB and more. The seed is mixed in and the first twelve outputs are thrown away, as its author advises.
 */
export function createRandom(seed: number): Random {
  let a = 0x9e3779b9 ^ seed;
  let b = 0x243f6a88 ^ Math.imul(seed, 0x85ebca6b);
  let c = 0xb7e15162 ^ Math.trunc(seed / 2 ** 32);
  let counter = 1;
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    c |= 0;
    return (sum >>> 0) / 2 ** 32;
  };
  for (let i = 0; i < 12; i++) next();
  return { next };
}

/** Exponential with the given mean (same unit as the mean). */
export function exponential(random: Random, mean: number): number {
  return -Math.log(1 - random.next()) * mean;
}

/** Standard normal, by Box and Muller's transform. */
export function normal(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random.next()));
  return radius * Math.cos(2 * Math.PI * random.next());
}

/** Log-normal with the given median and the standard deviation of its logarithm. */
export function logNormal(random: Random, median: number, sigma: number): number {
  return median * Math.exp(sigma * normal(random));
}

/** Means above this are drawn as a rounded normal: off by less than plans can tell. */
const POISSON_EXACT_MAX = 60;

/** How many events there were where so many are expected. */
export function poisson(random: Random, mean: number): number {
  if (mean > POISSON_EXACT_MAX) {
    return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(random)));
  }
  const floor = Math.exp(-mean);
  let count = 0;
  for (let left = random.next(); left > floor; left *= random.next()) count++;
  return count;
}
