// Real time behind the clock port.
import { performance } from "node:perf_hooks";
import type { Clock } from "@slipway/core";

export const realClock: Clock = {
  wall: () => Date.now(),
  mono: () => performance.now(),
  after: (delayMs, fire) => {
    const timer = setTimeout(fire, Math.max(0, delayMs));
    return () => clearTimeout(timer);
  },
};
