// This machine's clock, as gates take it.

import type { Clock } from "@slipway/core";

export const systemClock: Clock = {
  wall: () => Date.now(),
  mono: () => performance.now(),
  after: (delayMs, fire) => {
    const timer = setTimeout(fire, delayMs);
    return () => clearTimeout(timer);
  },
};
