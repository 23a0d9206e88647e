// Since when a broken guard that only blocks has held a rollout. It asks at once and calls nobody: most harm is carried by one
// server or one user for some seconds before others show it. What still is so after minutes is not left until the morning.

import type { Because } from "./event.ts";
import type { Rollout } from "./rollout.ts";

/** Then a person is paged. */
export const BLOCKED_MS_MAX = 600_000;

/** Whether a broken guard blocks. One that merely has not passed yet is not named. */
export function isBlocked({ code, guard }: Because): boolean {
  return code === "guard" && guard !== undefined;
}

/** The rollout after a look in which it held for this. */
export function heldFor(rollout: Rollout, because: Because, atMs: number): Rollout {
  if (isBlocked(because)) {
    return rollout.blockedSinceMs === undefined ? { ...rollout, blockedSinceMs: atMs } : rollout;
  }
  if (rollout.blockedSinceMs === undefined) return rollout;
  const { blockedSinceMs: _, ...rest } = rollout;
  return rest;
}

/** Nobody is paged for what only observes: it calls nobody for what would roll back either. */
export function isLongBlocked({ blockedSinceMs, controls }: Rollout, nowMs: number): boolean {
  if (blockedSinceMs === undefined || controls.observing !== null) return false;
  return nowMs - blockedSinceMs >= BLOCKED_MS_MAX;
}
