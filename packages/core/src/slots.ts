// Slots: what a share of users is counted in.

/** Resolution of a share: basis points. */
export const SLOTS = 10_000;

/** How many slots a share in percent owns. A share above zero owns at least one. */
export function slotsOfPercent(percent: number): number {
  if (percent <= 0) return 0;
  return Math.min(SLOTS, Math.max(1, Math.round((percent * SLOTS) / 100)));
}
