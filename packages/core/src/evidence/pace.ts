// How long answers took, by octave: a factor of two. It is kept for every key bucket and every replica, where a whole
// histogram each would be most of a row. Enough to tell whether the slow answers are a few users' or one server's.

import { BINS_PER_OCTAVE, binOf } from "../histogram.ts";

/** Requests by octave: octave k has what took more than 2^(k-1) ms, and 2^k at most. */
export type Octaves = { [octave: string]: number };
/** By octave, then by key bucket; as long as the highest bucket that was seen. */
export type OctavesByBucket = { [octave: string]: number[] };

export type Pace<T> = { total: T; ttft: T; tpot: T };

/** What never finished, longer than every octave. */
export const NEVER = "never";

export function octaveOf(valueMs: number): string {
  return octaveOfBin(binOf(valueMs));
}

export function octaveOfBin(bin: number): string {
  return String(Math.ceil(bin / BINS_PER_OCTAVE));
}

export function addOctaves(target: Octaves, source: Octaves): void {
  for (const octave in source) target[octave] = (target[octave] ?? 0) + (source[octave] ?? 0);
}

export function addOctavesByBucket(target: OctavesByBucket, source: OctavesByBucket): void {
  for (const [octave, counts] of Object.entries(source)) {
    const sum = target[octave] ?? [];
    for (let bucket = 0; bucket < counts.length; bucket++) {
      sum[bucket] = (sum[bucket] ?? 0) + (counts[bucket] ?? 0);
    }
    target[octave] = sum;
  }
}

/** Whether an octave lies above another. */
export function isAbove(octave: string, other: number): boolean {
  return octave === NEVER || Number(octave) > other;
}
