// A twin of a version's inference engines with continuous batching, small enough to be run a hundred times. Time is what
// the sums say; nothing is drawn here but what `Traffic` draws.

import { exponential, type Random } from "../random.ts";
import { selected } from "../statistics/selected.ts";
import type { Plays, Works } from "./plays.ts";
import { type EngineModel, Run, TwinEngine } from "./twin-engine.ts";

export type TwinTraffic = {
  readonly works: Works;
  /** Requests a millisecond at each engine, on average. */
  readonly perMs: number;
  /** How the rate went, slice by slice, in multiples of its mean; played in order, over and over. */
  readonly course: readonly number[];
  readonly sliceMs: number;
};

export type TwinShape = {
  readonly engines: number;
  /** Whether the engines are behind one address, so that nobody outside sees which one a request got. */
  readonly hidden: boolean;
};

/** Plays so many requests; each goes to the engine with the least to do. The first tenth is left out: queues fill. */
export function playTwin(
  model: EngineModel,
  shape: TwinShape,
  traffic: TwinTraffic,
  requests: number,
  random: Random,
): Plays {
  const { works } = traffic;
  const run = new Run(works, requests);
  if (works.length === 0 || shape.engines < 1) return run.played;
  const warmUp = Math.floor(requests / 10);
  const first = new TwinEngine(model, run);
  const engines = [first];
  while (engines.length < shape.engines) engines.push(new TwinEngine(model, run));
  const nextMs = arrivalTimes(traffic, shape.engines, random);
  for (let i = 0; i < requests; i++) {
    const atMs = nextMs();
    let least = first;
    let load = 0;
    for (const engine of engines) {
      engine.advance(atMs);
      load += engine.load;
      if (engine.load < least.load) least = engine;
    }
    const work = Math.floor(random.next() * works.length);
    least.submit(i, work, atMs, shape.hidden ? load / engines.length : least.load);
    if (i === warmUp) run.played.clear();
  }
  for (const engine of engines) engine.advance(Number.POSITIVE_INFINITY);
  return run.played;
}

/** Requests a millisecond that one engine gets done when there is always a next one. */
export function capacityPerMs(
  model: EngineModel,
  works: Works,
  requests: number,
  random: Random,
): number {
  const run = new Run(works, requests);
  if (works.length === 0) return 0;
  const engine = new TwinEngine(model, run);
  for (let i = 0; i < requests; i++) {
    engine.submit(i, Math.floor(random.next() * works.length), 0, 0);
  }
  engine.advance(Number.POSITIVE_INFINITY);
  const { totalMs, length } = run.played;
  // The last tenth is left out: an engine that runs empty is not full.
  const last = Math.floor(0.9 * (length - 1));
  const endMs = selected(totalMs.slice(0, length), length, last) - model.overheadMs;
  return endMs <= 0 ? 0 : (last + 1) / endMs;
}

function arrivalTimes(traffic: TwinTraffic, engines: number, random: Random): () => number {
  const { course, sliceMs } = traffic;
  const perMs = traffic.perMs * engines;
  let slice = Math.floor(random.next() * course.length);
  let sliceEndMs = sliceMs;
  let nowMs = 0;
  return () => {
    for (;;) {
      const rate = perMs * (course[slice % course.length] ?? 1);
      const next = rate > 0 ? nowMs + exponential(random, 1 / rate) : sliceEndMs;
      if (rate > 0 && next < sliceEndMs) {
        nowMs = next;
        return nowMs;
      }
      // Without memory: what is left of the gap is drawn again at the next slice's rate.
      nowMs = sliceEndMs;
      sliceEndMs += sliceMs;
      slice++;
    }
  };
}
