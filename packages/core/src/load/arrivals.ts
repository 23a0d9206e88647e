// When the requests of a twin's run come, and which work each is: drawn once, and played by every guess of an engine,
// so that what differs between two runs is the engine alone.

import { exponential, type Random } from "../random.ts";
import type { Works } from "./plays.ts";

export type TwinTraffic = {
  readonly works: Works;
  /** Requests a millisecond at each engine, on average. */
  readonly perMs: number;
  /** How the rate went, slice by slice, in multiples of its mean; played in order, over and over. */
  readonly course: readonly number[];
  readonly sliceMs: number;
};

export class Arrivals {
  readonly works: Works;
  /** By request, in the order in which they come: index into `works`. */
  readonly work: Int32Array;
  readonly atMs: Float64Array;

  constructor(works: Works, requests: number) {
    this.works = works;
    this.work = new Int32Array(requests);
    this.atMs = new Float64Array(requests);
  }
}

/** So many requests, for all engines together; none where there is nothing to ask, or nobody. */
export function arrivalsOf(
  traffic: TwinTraffic,
  engines: number,
  requests: number,
  random: Random,
): Arrivals {
  const { works } = traffic;
  const arrivals = new Arrivals(works, works.length === 0 || engines < 1 ? 0 : requests);
  const { work, atMs } = arrivals;
  const nextMs = arrivalTimes(traffic, engines, random);
  for (let i = 0; i < atMs.length; i++) {
    atMs[i] = nextMs();
    work[i] = Math.floor(random.next() * works.length);
  }
  return arrivals;
}

/** So many requests that all come at the beginning: an engine that has them is full. */
export function allAtOnce(works: Works, requests: number, random: Random): Arrivals {
  const arrivals = new Arrivals(works, works.length === 0 ? 0 : requests);
  const { work } = arrivals;
  for (let i = 0; i < work.length; i++) work[i] = Math.floor(random.next() * works.length);
  return arrivals;
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
