// The replay of recorded traffic: compressed in time, once or in a loop.
import type { Arrival, Arrivals } from "./arrival.ts";

export type Trace = readonly Arrival[];

/** The same requests in less time: everything `factor` times as fast. */
export function compress(trace: Trace, factor: number): Trace {
  return trace.map((row) => ({ ...row, atMs: row.atMs / factor }));
}

/** Mean arrivals per second over the whole trace. */
export function ratePerSecond(trace: Trace): number {
  return (trace.length * 1000) / durationMs(trace);
}

/** From the first request to one mean gap after the last: the period of a loop. */
function durationMs(trace: Trace): number {
  const spanMs = trace.at(-1)?.atMs ?? 0;
  return spanMs + spanMs / Math.max(1, trace.length - 1) || 1000;
}

export type ReplayOptions = {
  /** Begins again when the trace is over. */
  readonly loop?: boolean;
  /** Begins at this place of the trace, in its own time. */
  readonly skipMs?: number;
};

export function replay(trace: Trace, options: ReplayOptions = {}): Arrivals {
  const skipMs = options.skipMs ?? 0;
  const first = trace.findIndex((row) => row.atMs >= skipMs);
  let index = first < 0 ? trace.length : first;
  let offsetMs = -skipMs;
  const next = (): Arrival | undefined => {
    if (index >= trace.length && options.loop === true) {
      index = 0;
      offsetMs += durationMs(trace);
    }
    const row = trace[index++];
    return row === undefined ? undefined : { ...row, atMs: row.atMs + offsetMs };
  };
  return { next };
}
