// Latency at another load where answers do not say what was in them: how much longer the mean answer takes, by the
// scalability law fitted to the ticks. It needs load that varied, and says so where it goes far beyond what it saw.

import { createRandom } from "../random.ts";
import type { Observation } from "./observation.ts";
import {
  type LoadStep,
  peakOf,
  type Scalability,
  STEPS_MIN,
  scalabilityOf,
  throughputAt,
} from "./usl.ts";

export type ScalabilityForecast = {
  /** How many times as long the mean answer takes; null beyond the knee. */
  readonly slower: { readonly low: number; readonly median: number; readonly high: number } | null;
  /** Beyond the knee: how many times as long it takes at the knee, the low end; null otherwise, and where that is not known. */
  readonly floor: number | null;
  /** Requests a millisecond, of all replicas together; null where more load always brings more. */
  readonly capacity: number | null;
  /** Whether it rests on more than was seen. */
  readonly isFar: boolean;
};

/** The least load that was seen must be so much less than the most. */
const VARIED_MIN = 2;
/** Ticks are put together by their load, into so many steps: one by itself is mostly chance. */
const STEPS = 8;
const REPLICATES = 40;
const TAIL = 0.05;
const KNEE = 0.9;
/** Of the most that was seen at once. */
const FAR = 1.5;
const BISECTIONS = 60;

/** `now`, `next`: requests a millisecond, in any one unit. Null where the ticks do not suffice. */
export function scalabilityForecast(
  { steps, tickMs }: Observation,
  now: number,
  next: number,
): ScalabilityForecast | null {
  const points = stepsOf(steps, tickMs);
  const [first, last] = [points[0], points.at(-1)];
  if (points.length < STEPS_MIN || first === undefined || last === undefined) return null;
  if (last.inFlight < VARIED_MIN * first.inFlight) return null;
  const fitted = scalabilityOf(points);
  if (fitted === null) return null;
  const mean = points.reduce((sum, { throughput }) => sum + throughput, 0) / points.length;
  const wanted = (mean * next) / now;
  const random = createRandom(points.length);
  const laws = Array.from({ length: REPLICATES }, () => {
    const resampled = points.map(() => points[Math.floor(random.next() * points.length)] ?? first);
    return scalabilityOf(resampled) ?? fitted;
  });
  const most = throughputAt(fitted, peakOf(fitted));
  const capacity = Number.isFinite(most) ? most : null;
  const isFar = inFlightAt(fitted, wanted) > FAR * last.inFlight;
  const isBeyond = capacity !== null && wanted > KNEE * capacity;
  const told = isBeyond ? KNEE * capacity : wanted;
  const sorted = laws.map((law) => slowdown(law, mean, told)).sort((a, b) => a - b);
  const at = (part: number): number => sorted[Math.round(part * (sorted.length - 1))] ?? 1;
  const low = at(TAIL);
  if (isBeyond) return { slower: null, floor: Number.isFinite(low) ? low : null, capacity, isFar };
  const slower = { low, median: at(0.5), high: at(1 - TAIL) };
  return { slower, floor: null, capacity, isFar };
}

/** The lightest first. */
function stepsOf(ticks: Observation["steps"], tickMs: number): readonly LoadStep[] {
  const busy = ticks
    .filter(({ arrivals, inFlightMs }) => arrivals > 0 && inFlightMs > 0)
    .sort((a, b) => a.inFlightMs - b.inFlightMs);
  const size = Math.max(1, Math.ceil(busy.length / STEPS));
  const steps: LoadStep[] = [];
  for (let from = 0; from < busy.length; from += size) {
    const part = busy.slice(from, from + size);
    const ms = part.length * tickMs;
    steps.push({
      inFlight: part.reduce((sum, { inFlightMs }) => sum + inFlightMs, 0) / ms,
      throughput: part.reduce((sum, { arrivals }) => sum + arrivals, 0) / ms,
    });
  }
  return steps;
}

/** By Little's law an answer takes what is in flight over what comes. Infinite where it cannot be served. */
function slowdown(law: Scalability, now: number, next: number): number {
  return inFlightAt(law, next) / next / (inFlightAt(law, now) / now);
}

function inFlightAt(law: Scalability, throughput: number): number {
  const peak = peakOf(law);
  let [low, high] = [0, Number.isFinite(peak) ? peak : 1e6];
  if (throughputAt(law, high) < throughput) return Number.POSITIVE_INFINITY;
  for (let i = 0; i < BISECTIONS; i++) {
    const middle = (low + high) / 2;
    if (throughputAt(law, middle) < throughput) low = middle;
    else high = middle;
  }
  return high;
}
