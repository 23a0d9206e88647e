// Which requests a mirror copies, and how often: by their id alone, so that whoever asks gets the same answer.

import { copiesOf, type Mirror, murmur3 } from "@slipway/core";

const CHOICE_SEED = 0x51de;
const ROUNDING_SEED = 0x0a3b;
const AGAIN_SEED = 0x61c7;

/** 0 for a request that the sample leaves out. */
export function copiesFor(requestId: string, mirror: Mirror): number {
  return copiesOf(mirror, chance(requestId, CHOICE_SEED), chance(requestId, ROUNDING_SEED));
}

/** Whether stable gets a request that is copied once more. */
export function isSentAgain(requestId: string, { again }: Mirror): boolean {
  return chance(requestId, AGAIN_SEED) < again;
}

/** In [0, 1), the same for a request wherever it is worked out. */
export function chance(requestId: string, seed: number): number {
  return murmur3(requestId, seed) / 2 ** 32;
}
