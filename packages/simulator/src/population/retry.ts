// When a client sends again what a rate limit refused: as the providers' own client libraries do, in steps that double.
import type { Random } from "@slipway/core";

const FIRST_MS = 500;
const LONGEST_MS = 8_000;
/** A quarter of each step is by chance, so that clients do not come back together. */
const JITTER = 0.25;

/** `before`: how often it was sent again already. */
export function retryDelayMs(before: number, random: Random): number {
  const stepMs = Math.min(LONGEST_MS, FIRST_MS * 2 ** before);
  return stepMs * (1 - JITTER * random.next());
}
