// Whether one key bucket sends far more than any other: then a heavy user is in it, and no other users are like that one.

/** Of all arrivals, `share` were in it when it was found. */
export type HeavyBucket = { readonly bucket: number; readonly share: number };

/** Of fewer requests, one user's errand looks heavy. */
const ARRIVALS_MIN = 1_000;
/** Times what the others send on average. */
const RATIO_MIN = 1.5;
/** Standard deviations of the others: in a crowd without a heavy user nobody is ever so far from the rest. */
const DEVIATIONS_MIN = 6;

/** Null where no bucket is surely so heavy. Two that are hide each other. */
export function heavyBucketOf(arrivals: readonly number[]): HeavyBucket | null {
  let sum = 0;
  let bucket = 0;
  for (let place = 0; place < arrivals.length; place++) {
    const count = arrivals[place] ?? 0;
    sum += count;
    if (count > (arrivals[bucket] ?? 0)) bucket = place;
  }
  const most = arrivals[bucket] ?? 0;
  const others = arrivals.length - 1;
  const mean = (sum - most) / others;
  if (sum < ARRIVALS_MIN || others < 2 || most < RATIO_MIN * mean) return null;
  let squares = 0;
  for (let place = 0; place < arrivals.length; place++) {
    if (place !== bucket) squares += ((arrivals[place] ?? 0) - mean) ** 2;
  }
  // Requests come by chance: no users are more alike than that.
  const variance = Math.max(mean, squares / (others - 1));
  return most - mean > DEVIATIONS_MIN * Math.sqrt(variance) ? { bucket, share: most / sum } : null;
}
