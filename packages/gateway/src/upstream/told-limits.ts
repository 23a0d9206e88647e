// What providers say that pools may have, for the controller: the next stage of a rollout is compared with it.

import type { ToldLimit } from "@slipway/core";
import { TOLD_PER_FRAME_MAX } from "@slipway/wire";
import type { Pool } from "./pool.ts";

/** At most as many as a frame takes; what is over that is not told, and not forecast. */
export function toldLimits(pools: Iterable<Pool>, nowMs: number): readonly ToldLimit[] {
  const told: ToldLimit[] = [];
  for (const pool of pools) {
    const one = pool.told(nowMs);
    if (one !== null) told.push(one);
    if (told.length === TOLD_PER_FRAME_MAX) break;
  }
  return told;
}
