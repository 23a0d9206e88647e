// Plays arrivals on a clock, open-loop: a request is issued when it is due, whether or not earlier ones have
// been answered. Users do not wait for each other, so a slow server must not slow its own load down.
import type { Cancel, Clock } from "@slipway/core";
import type { Arrivals } from "./arrival.ts";
import type { SimulatedRequest, Users } from "./users.ts";

export type PopulationOptions = {
  readonly clock: Clock;
  readonly arrivals: Arrivals;
  readonly users: Users;
  /** `dueMs` is on the clock's monotonic time: latency counts from it, however late this call comes. */
  readonly issue: (request: SimulatedRequest, dueMs: number) => void;
  /** Called once, after the last arrival; never for endless arrivals or once stopped. */
  readonly onOver?: () => void;
};

// Sums of times differ in their last bits; without this a timer could come "too early" for ever.
const ROUNDING_MS = 1e-6;

/** Starts now; calling the result stops it. */
export function startPopulation(options: PopulationOptions): Cancel {
  const { clock, arrivals, users, issue, onOver } = options;
  const startMs = clock.mono();
  let next = arrivals.next();
  let cancel: Cancel = () => {};
  let stopped = false;
  const pump = (): void => {
    // A timer in real time comes late; whatever is due by now goes out with it.
    while (!stopped && next !== undefined && startMs + next.atMs <= clock.mono() + ROUNDING_MS) {
      const arrival = next;
      next = arrivals.next();
      issue(users.request(arrival), startMs + arrival.atMs);
    }
    if (stopped) return;
    if (next === undefined) onOver?.();
    else cancel = clock.after(startMs + next.atMs - clock.mono(), pump);
  };
  pump();
  return () => {
    stopped = true;
    cancel();
  };
}
