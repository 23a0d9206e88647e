// How many requests each key bucket sent, on either version, and whether one of them is set apart for it: what lets a stage
// be left is then told from the others, as one heavy user is no sample of anybody.

import { digestOf } from "../guards/sequential/tick-digest.ts";
import { type HeavyBucket, heavyBucketOf } from "../statistics/heavy-bucket.ts";
import { type EvidenceRow, KEY_BUCKETS } from "./row.ts";

/** Since evidence began. */
export type Senders = {
  readonly arrivals: readonly number[];
  /** The one that is set apart, from the tick on after it was found; null for none. */
  readonly heavy: HeavyBucket | null;
};

export const NO_SENDERS: Senders = {
  arrivals: new Array<number>(KEY_BUCKETS).fill(0),
  heavy: null,
};

/** Once found it stays: what is left out may not follow from how that fares. */
export function withSenders(before: Senders, rows: readonly EvidenceRow[]): Senders {
  const arrivals = digestOf(rows).buckets("both").plusArrivals(before.arrivals);
  if (arrivals === before.arrivals) return before;
  return { arrivals, heavy: before.heavy ?? heavyBucketOf(arrivals) };
}
