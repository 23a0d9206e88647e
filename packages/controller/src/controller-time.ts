// The controller's time, by which ticks are cut and gateways set theirs: wall time that never goes back, over
// restarts too. Where the wall clock is set back, it goes on by the monotonic clock from where it stood.

import type { Clock } from "@slipway/core";

export type ControllerTime = {
  /** Whole milliseconds since the epoch. */
  readonly now: () => number;
  /** Goes on from this moment, if it lies ahead: what is stored has happened already. */
  readonly atLeast: (ms: number) => void;
};

/** While it runs ahead of the wall clock it runs a little slower, so that the two meet again. */
const SLOWER = 0.9;

export function createControllerTime(clock: Clock): ControllerTime {
  let lastMs = clock.wall();
  let lastMonoMs = clock.mono();
  return {
    now: () => {
      const monoMs = clock.mono();
      lastMs = Math.max(clock.wall(), lastMs + Math.max(0, monoMs - lastMonoMs) * SLOWER);
      lastMonoMs = monoMs;
      return Math.floor(lastMs);
    },
    atLeast: (ms) => {
      lastMs = Math.max(lastMs, ms);
    },
  };
}
