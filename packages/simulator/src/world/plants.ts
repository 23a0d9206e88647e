// Bugs that can be planted in a world by name, to see that checkers find them, that the commands say so, and what shrinking
// makes of it.
import type { ControllerLink } from "@slipway/gateway";
import type { Tampering } from "./world.ts";

/** A frame that had to be sent so often has kept a worker from the controller for a while. */
const ATTEMPTS = 3;

/** Evidence that waited for a controller is lost: only trouble between the two brings it to light. */
function lostRows(inner: ControllerLink): ControllerLink {
  const attempts = new Map<number, number>();
  return {
    ...inner,
    report: (frame, done) => {
      attempts.set(frame.sequence, (attempts.get(frame.sequence) ?? 0) + 1);
      const hasWaited = (attempts.get(frame.sequence - 1) ?? 0) >= ATTEMPTS;
      return inner.report(hasWaited ? { ...frame, rows: frame.rows.slice(1) } : frame, done);
    },
  };
}

/** By name. */
export const PLANTS: ReadonlyMap<string, Tampering> = new Map([["lost-rows", { link: lostRows }]]);
