// Whose turn it is when slots are scarce: people who wait for an answer come first, then work that nobody watches,
// and copies for the shadow only where nobody else would use the slot.

export type Priority = "interactive" | "background" | "shadow";

/** Share of an upstream's slots that each may fill; what is above is left free for those who come before it. */
const SLOT_SHARES: { readonly [priority in Priority]: number } = {
  interactive: 1,
  background: 0.8,
  shadow: 0.5,
};

/** Share of the queue's places that background may fill. Shadow has none: it never waits. */
export const BACKGROUND_QUEUE_SHARE = 0.5;

/**
 * While background waits, every so many-th slot that comes free is its own, whatever its share: it goes on, slowly,
 * however many interactive requests there are.
 */
export const BACKGROUND_TURN = 10;

/** Slots of `slots` that a priority may fill: at least one, so that an upstream of one slot serves all. */
export function slotsFor(priority: Priority, slots: number): number {
  return priority === "interactive"
    ? slots
    : Math.max(1, Math.floor(slots * SLOT_SHARES[priority]));
}
