// How many requests are due in a tick: the average of the scenario, in its shape or in a recorded one.
import { logNormal, type Random } from "@slipway/core";
import type { ScenarioTraffic } from "../scenario/scenario.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** How far the day lies above and below its mean. */
const DAILY_SWING = 0.6;
/** Minutes vary by so much, and five of every hour have so much more than others. */
const BURST_SIGMA = 0.3;
const PEAK_MS = 300_000;
const PEAK = 1.7;

/** Requests per millisecond, by the time since the start. Asked in the order of time. */
export function rateOf(traffic: ScenarioTraffic, random: Random): (atMs: number) => number {
  const perMs = traffic.perMinute / MINUTE_MS;
  if (traffic.recorded !== null) {
    const { stepMs, factors } = traffic.recorded;
    return (atMs) => perMs * (factors[Math.floor(atMs / stepMs) % factors.length] ?? 1);
  }
  switch (traffic.shape) {
    case "steady":
      return () => perMs;
    case "daily": {
      const phase = random.next() * 2 * Math.PI;
      return (atMs) => perMs * (1 + DAILY_SWING * Math.sin((2 * Math.PI * atMs) / DAY_MS + phase));
    }
    case "bursty": {
      let minute = -1;
      let factor = 1;
      // So that the mean of all minutes is 1.
      const scale = Math.exp(-(BURST_SIGMA ** 2) / 2) / (1 + (PEAK - 1) * (PEAK_MS / HOUR_MS));
      return (atMs) => {
        const now = Math.floor(atMs / MINUTE_MS);
        if (now !== minute) {
          minute = now;
          const peak = atMs % HOUR_MS >= HOUR_MS - PEAK_MS ? PEAK : 1;
          factor = logNormal(random, scale * peak, BURST_SIGMA);
        }
        return perMs * factor;
      };
    }
  }
}
