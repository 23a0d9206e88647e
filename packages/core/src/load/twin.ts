// A twin of a version's inference engines with continuous batching, small enough to be run a hundred times. Time is what
// the sums say; nothing is drawn here.

import { selected } from "../statistics/selected.ts";
import type { Arrivals } from "./arrivals.ts";
import type { Plays } from "./plays.ts";
import { type EngineModel, Run, TwinEngine } from "./twin-engine.ts";

export type TwinShape = {
  readonly engines: number;
  /** Whether the engines are behind one address, so that nobody outside sees which one a request got. */
  readonly hidden: boolean;
};

/**
 * Plays the first so many of the requests; each goes to the engine with the least to do. The first tenth is left out:
 * queues fill.
 */
export function playTwin(
  model: EngineModel,
  shape: TwinShape,
  arrivals: Arrivals,
  requestsMax: number = Number.POSITIVE_INFINITY,
): Plays {
  const { atMs } = arrivals;
  const requests = Math.min(atMs.length, requestsMax);
  const run = new Run(arrivals, requests);
  const warmUp = Math.floor(requests / 10);
  const first = new TwinEngine(model, run);
  const engines = [first];
  while (engines.length < shape.engines) engines.push(new TwinEngine(model, run));
  for (let i = 0; i < requests; i++) {
    const nowMs = atMs[i] ?? 0;
    let least = first;
    let load = 0;
    for (const engine of engines) {
      engine.advance(nowMs);
      load += engine.load;
      if (engine.load < least.load) least = engine;
    }
    least.submit(i, shape.hidden ? load / engines.length : least.load);
    if (i === warmUp) run.played.clear();
  }
  for (const engine of engines) engine.advance(Number.POSITIVE_INFINITY);
  return run.played;
}

/** Requests a millisecond that one engine gets done when there is always a next one: `arrivals` came all at once. */
export function capacityPerMs(model: EngineModel, arrivals: Arrivals): number {
  const requests = arrivals.atMs.length;
  if (requests === 0) return 0;
  const run = new Run(arrivals, requests);
  const engine = new TwinEngine(model, run);
  for (let i = 0; i < requests; i++) engine.submit(i, 0);
  engine.advance(Number.POSITIVE_INFINITY);
  const { totalMs, length } = run.played;
  // The last tenth is left out: an engine that runs empty is not full.
  const last = Math.floor(0.9 * (length - 1));
  const endMs = selected(totalMs.slice(0, length), length, last) - model.overheadMs;
  return endMs <= 0 ? 0 : (last + 1) / endMs;
}
