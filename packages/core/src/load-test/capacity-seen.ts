// The capacity of a replica, seen and not modelled: what it got done while there was always a next request.

import { heldUpShare } from "./generator-share.ts";
import type { Shot } from "./shot.ts";

export type CapacitySeen = {
  /** Requests a second at one replica. */
  readonly perSecond: number;
  /** Answers that it rests on. */
  readonly answers: number;
  /** Of the answers' time, what may be the generator's own. */
  readonly heldUp: number;
};

/** Fewer answers than this say nothing of a rate: they would be off by more than a tenth every third time. */
const ANSWERS_MIN = 100;

/**
 * `shots`: of the full step, whose places were always taken. The first answers are left out: while the first requests of
 * all places are under way only the short ones have ended.
 */
export function capacitySeen(
  shots: readonly Shot[],
  places: number,
  replicas: number,
): CapacitySeen | null {
  const endsMs = Float64Array.from(
    shots.flatMap(({ failure, lastMs }) => (failure === null && lastMs !== null ? [lastMs] : [])),
  ).sort();
  const from = Math.min(places, endsMs.length >> 1);
  const answers = endsMs.length - 1 - from;
  const tookMs = (endsMs.at(-1) ?? 0) - (endsMs[from] ?? 0);
  if (answers < ANSWERS_MIN || tookMs <= 0) return null;
  const perSecond = (answers * 1_000) / tookMs / replicas;
  return { perSecond, answers, heldUp: heldUpShare(shots) };
}
