// Checkpoints: what a rollout has learnt, every so many ticks, stored with the tick. Opening starts from the last one,
// so that a rollout of weeks opens as fast as one of minutes; verification compares it with a full replay.

import type { Evidence } from "@slipway/core";
import type { StoredCheckpoint } from "../store/store.ts";
import type { Running } from "../world/world.ts";

const EVERY_TICKS = 500;
/** Raised when evidence is another shape or is absorbed in another way: earlier checkpoints then count for nothing. */
const FORMAT = 6;

/** Whether a checkpoint belongs to this tick. */
export function isCheckpointTick(tick: number): boolean {
  return (tick + 1) % EVERY_TICKS === 0;
}

/** In the order of its fields, not sorted: what adds up segment by segment must come to the same last digit. */
export function checkpointText(evidence: Evidence): string {
  return JSON.stringify({ format: FORMAT, evidence });
}

/** The checkpoint of what the rollout has absorbed. */
export function checkpointOf({ rollout, evidence, tickHash }: Running): StoredCheckpoint {
  return {
    rolloutId: rollout.id,
    tick: evidence.watermark,
    tickHash,
    text: checkpointText(evidence),
  };
}

/** Where a replay can start; null where it must start at the beginning. */
export function startFrom(
  checkpoint: StoredCheckpoint | null,
): { readonly evidence: Evidence; readonly tickHash: string } | null {
  if (checkpoint === null) return null;
  const { format, evidence } = parsed(checkpoint.text);
  if (format !== FORMAT || evidence?.watermark !== checkpoint.tick) return null;
  return { evidence, tickHash: checkpoint.tickHash };
}

/** A checkpoint only saves time: one that cannot be read is as good as none. */
function parsed(text: string): { readonly format?: number; readonly evidence?: Evidence } {
  try {
    return JSON.parse(text) as { format?: number; evidence?: Evidence };
  } catch {
    return {};
  }
}
