// When a stage's forecast is made, and when it is made again.

import type { Evidence } from "../evidence/evidence.ts";
import type { Rollout } from "../rollout/rollout.ts";
import { stageAhead } from "./forecast.ts";

/** A stage is forecast when half of its hold was seen, and again every so often while it lasts. */
const FIRST_AT = 0.5;
const AGAIN_AFTER_MS_MIN = 30_000;
/** What could not be told is asked again sooner: requests are what it lacks, most often. */
const UNKNOWN_AGAIN_AFTER_MS_MIN = 5_000;
const UNKNOWN_AGAIN_AT = 0.125;

/** `askedAtMs`: when one was last asked for in this stage; null for never. Times in milliseconds since the epoch. */
export function isForecastDue(
  { phase, policy, forecast }: Rollout,
  { endMs }: Pick<Evidence, "endMs">,
  askedAtMs: number | null,
  nowMs: number,
): boolean {
  if (phase.kind !== "stage" || phase.confirmedAtMs === null) return false;
  if (stageAhead({ phase, policy }) === null) return false;
  const holdMs = policy.stages[phase.stage]?.holdMs ?? 0;
  if (askedAtMs === null) return (endMs ?? 0) - phase.confirmedAtMs >= FIRST_AT * holdMs;
  const isTold = forecast !== null && forecast.verdict !== "unknown";
  return isTold
    ? nowMs - askedAtMs >= Math.max(AGAIN_AFTER_MS_MIN, FIRST_AT * holdMs)
    : nowMs - askedAtMs >= Math.max(UNKNOWN_AGAIN_AFTER_MS_MIN, UNKNOWN_AGAIN_AT * holdMs);
}
