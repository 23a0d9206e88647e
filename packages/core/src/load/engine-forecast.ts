// Latency at another load, from an engine fitted to what was seen at this one: a twin of it replays the same requests
// at the new rate, once for every plausible engine, so that the spread of the answers says how much is known.

import type { LatencyTime } from "../guards/guard.ts";
import { countOf, quantile } from "../histogram.ts";
import { createRandom, type Random } from "../random.ts";
import { selected } from "../statistics/selected.ts";
import { allAtOnce, arrivalsOf, type TwinTraffic } from "./arrivals.ts";
import { type Assumed, type Coefficients, engineOf, fit, minus, plus, slopesOf } from "./fit.ts";
import type { Observation, WeightedSample } from "./observation.ts";
import { type Played, Plays, Works } from "./plays.ts";
import { capacityPerMs, playTwin, type TwinShape } from "./twin.ts";

export type Aim = { readonly metric: LatencyTime; readonly quantile: number };

export type LatencySpread = {
  readonly lowMs: number;
  readonly medianMs: number;
  readonly highMs: number;
};

export type EngineLoad = {
  /** Engines that the candidate's requests are spread over, and how many of them are behind one address. */
  readonly engines: number;
  readonly perUpstream: number;
  /** Requests a millisecond at each. */
  readonly now: number;
  readonly next: number;
  /** Sequences in a batch at most, by what gateways let through. */
  readonly sequencesMax: number;
  /** Requests a millisecond that one engine was seen to serve when it was full; null, or absent, where nobody looked. */
  readonly measured?: number | null;
};

export type EngineForecast = {
  /** Requests a millisecond that one engine can serve, and if its caches kept only what everybody shares. */
  readonly capacity: number;
  /** What the fit alone says of that; the same, where nobody measured. */
  readonly fittedCapacity: number;
  readonly capacityCold: number;
  /** What the twin makes of the load as it is, over what was seen: 1 is a perfect fit. Null where nothing was seen. */
  readonly fit: readonly (number | null)[];
  /** One for each aim; null beyond the knee. */
  readonly at: readonly (LatencySpread | null)[];
  /** One for each aim beyond the knee: milliseconds at the knee, the low end; more load only makes it longer. */
  readonly floors: readonly (number | null)[];
};

/** Samples that a fit needs at least, and how many of them must show their first token. */
export const SAMPLES_MIN = 100;

/** Beyond this share of the capacity queues grow so steeply that no number is worth saying. */
export const KNEE = 0.9;

/**
 * Tokens that an iteration computes at most, and that a step adds to an answer, are not to be seen from outside, and
 * matter: each of the usual settings is as plausible as the others.
 */
const MAKES = [
  { chunkTokens: 512, tokensPerStep: 1 },
  { chunkTokens: 512, tokensPerStep: 3 },
  { chunkTokens: 2_048, tokensPerStep: 1 },
  { chunkTokens: 8_192, tokensPerStep: 1 },
] as const;
/** Sequences in a batch, as parts of what gateways let through; each is tried where the capacity is known. */
const BATCHES = [1, 1 / 2, 1 / 4, 1 / 8] as const;
const REPLICATES_A_MAKE = 4;
const REQUESTS_NOW = 4000;
const REQUESTS_NEXT = 3000;
const CAPACITY_REQUESTS = 1000;
const WORKS = 4000;
const ENGINES_MAX = 4;
/** Of the replicates below the low end, and above the high one. */
const TAIL = 0.05;
/** What is shared by everybody stays cached at any load: what nine of ten requests had cached. */
const SHARED_QUANTILE = 0.1;
/** What was seen at this load may be so much off the twin before it is not believed to be off at the next. */
const ANCHOR_MAX = 1.5;

export function engineForecast(
  seen: Observation,
  load: EngineLoad,
  aims: readonly Aim[],
  seed: number,
): EngineForecast {
  const random = createRandom(seed);
  const shape = { engines: Math.min(ENGINES_MAX, load.engines), hidden: load.perUpstream > 1 };
  const played = playedOf(seen, load);
  const works = drawn(played, WORKS, random);
  const traffic = trafficAt(works, load.now, seen);
  // Every engine, at every guess, gets the same requests.
  const arrivals = arrivalsOf(traffic, shape.engines, REQUESTS_NOW, createRandom(seed));
  const full = allAtOnce(works, CAPACITY_REQUESTS, createRandom(seed));
  const slopes = slopesOf(drawn(played, played.plays.length, random));
  const all = assumptionsOf(load).map((assumed): Member => {
    const fitted = fit(slopes, assumed, shape, arrivals);
    const engine = engineOf(fitted, assumed);
    const now = playTwin(engine, shape, arrivals);
    const fits = aims.map((aim) => fitOf(aim, seen, now));
    return { assumed, fitted, fits, capacity: capacityPerMs(engine, full) };
  });
  const fittedCapacity = middle(all.slice(0, MAKES.length).map((member) => member.capacity));
  const members = believed(load, all);
  const cold = allAtOnce(coldOf(works), CAPACITY_REQUESTS, createRandom(seed));
  const capacityCold = middle(
    members.map(({ fitted, assumed }) => capacityPerMs(engineOf(fitted, assumed), cold)),
  );
  const capacity = load.measured ?? fittedCapacity;
  const fits = aims.map((_, aim) => middleFit(members.map((member) => member.fits[aim] ?? null)));
  const isBeyond = load.next > KNEE * capacity;
  const told = isBeyond ? { ...load, next: KNEE * capacity } : load;
  const runs = members.map((member, index) => {
    const own = { slopes, played, shape, seen, load: told, aims, seed: seed + 1_000 * (index + 1) };
    return replicates(member, own);
  });
  const spreads = (anchorMax: number): readonly (LatencySpread | null)[] =>
    aims.map((_, aim) => spreadOf(aim, { members, runs, anchorMax }));
  const none = aims.map(() => null);
  return {
    capacity,
    fittedCapacity,
    capacityCold,
    fit: fits,
    at: isBeyond ? none : spreads(ANCHOR_MAX),
    floors: isBeyond ? floorsOf(spreads(ANCHOR_MAX), spreads(Number.POSITIVE_INFINITY)) : none,
  };
}

/** A twin that is far slower than what it stands for makes no floor: the lower of both anchors is told. */
function floorsOf(
  anchored: readonly (LatencySpread | null)[],
  fitted: readonly (LatencySpread | null)[],
): readonly (number | null)[] {
  return anchored.map((spread, index) => {
    const other = fitted[index] ?? null;
    return spread === null || other === null ? null : Math.min(spread.lowMs, other.lowMs);
  });
}

type Member = {
  readonly assumed: Assumed;
  readonly fitted: Coefficients;
  /** By aim: the twin's figure at the load as it is, over what was seen. */
  readonly fits: readonly (number | null)[];
  readonly capacity: number;
};

/** What cannot be told from outside, in each way that it may be. A capacity that was measured tells some of it. */
function assumptionsOf({ sequencesMax, measured = null }: EngineLoad): readonly Assumed[] {
  const batches = BATCHES.map((part) => Math.max(1, Math.round(sequencesMax * part)));
  const sizes = measured === null ? [sequencesMax] : [...new Set(batches)];
  return sizes.flatMap((size) => MAKES.map((make) => ({ ...make, sequencesMax: size })));
}

/** Of many makes those whose capacity is nearest to what was measured. */
function believed({ measured = null }: EngineLoad, members: readonly Member[]): readonly Member[] {
  if (measured === null) return members;
  const off = ({ capacity }: Member): number => Math.abs(Math.log(capacity / measured));
  return members.toSorted((a, b) => off(a) - off(b)).slice(0, MAKES.length);
}

type Replaying = {
  readonly slopes: Coefficients;
  readonly played: WeightedPlays;
  readonly shape: TwinShape;
  readonly seen: Observation;
  readonly load: EngineLoad;
  readonly aims: readonly Aim[];
  readonly seed: number;
};

/** What a run of the twin comes to, one for each aim; null where no request showed it. */
type Figures = readonly (number | null)[];

/** Other samples might have been drawn: the fit moves with what the regression of a resample says. */
function replicates(member: Member, replaying: Replaying): readonly Figures[] {
  const { slopes, played, shape, seen, load, aims, seed } = replaying;
  return Array.from({ length: REPLICATES_A_MAKE }, (_, index) => {
    const random = createRandom(seed + index);
    const resampled = drawn(played, played.plays.length, random);
    const moved = plus(member.fitted, minus(slopesOf(resampled), slopes), 1);
    const traffic = trafficAt(resampled, load.next, seen);
    const arrivals = arrivalsOf(traffic, shape.engines, REQUESTS_NEXT, random);
    const run = playTwin(engineOf(moved, member.assumed), shape, arrivals);
    return aims.map(({ metric, quantile: q }) => quantileOf(metric, q, run));
  });
}

type WeightedPlays = {
  readonly plays: Plays;
  /** Up to each and with it: of the requests that they stand for. */
  readonly weightUpTo: Float64Array;
  /** Into as many equal parts of their sum: near the sample that a part begins in. */
  readonly guide: Int32Array;
};

/** Samples as the twin says them. What other workers have in flight at a replica is known on average only. */
function playedOf(seen: Observation, load: EngineLoad): WeightedPlays {
  const { samples, inFlightMs, ticks, tickMs } = seen;
  const weights = samples.reduce((sum, { weight }) => sum + weight, 0);
  const own = samples.reduce((sum, { sample, weight }) => sum + weight * (sample.inFlight - 1), 0);
  const upstreams = load.engines / load.perUpstream;
  const mean = inFlightMs / Math.max(1, ticks * tickMs) / upstreams;
  const elsewhere = Math.max(0, mean - own / Math.max(1, weights));
  const plays = new Plays(samples.length);
  const weightUpTo = new Float64Array(samples.length);
  let sum = 0;
  samples.forEach(({ sample, weight }, index) => {
    plays.add(playedOne(sample));
    sum += weight;
    weightUpTo[index] = sum;
  });
  return { plays, weightUpTo, guide: guideOf(weightUpTo) };

  function playedOne(sample: WeightedSample["sample"]): Played {
    const { inputTokens, cachedTokens, outputTokens, ttftMs, totalMs, inFlight } = sample;
    return {
      promptTokens: Math.max(1, inputTokens),
      cachedTokens: Math.min(cachedTokens, Math.max(0, inputTokens - 1)),
      outputTokens: Math.max(1, outputTokens),
      // An answer that came whole shows its first token with its last.
      streamed: ttftMs < WHOLE * totalMs,
      ttftMs,
      totalMs,
      others: (inFlight - 1 + elsewhere) / load.perUpstream,
    };
  }
}

const WHOLE = 0.98;

function guideOf(weightUpTo: Float64Array): Int32Array {
  const guide = new Int32Array(weightUpTo.length);
  const sum = weightUpTo.at(-1) ?? 0;
  let index = 0;
  for (let part = 0; part < guide.length; part++) {
    while ((weightUpTo[index] ?? sum) < (part / guide.length) * sum) index++;
    guide[part] = index;
  }
  return guide;
}

/** As many as wanted, each as likely as requests that it stands for. */
function drawn({ plays, weightUpTo, guide }: WeightedPlays, wanted: number, random: Random): Plays {
  const all = new Plays(plays.length === 0 ? 0 : wanted);
  const last = plays.length - 1;
  const sum = weightUpTo[last] ?? 0;
  if (plays.length === 0) return all;
  for (let i = 0; i < wanted; i++) {
    const part = random.next();
    const at = part * sum;
    let index = guide[Math.floor(part * guide.length)] ?? 0;
    // A part's end may be rounded to either side.
    while (index > 0 && (weightUpTo[index - 1] ?? 0) > at) index--;
    while (index < last && (weightUpTo[index] ?? 0) <= at) index++;
    all.copy(plays, index);
  }
  return all;
}

function trafficAt(works: Works, perMs: number, { course, tickMs }: Observation): TwinTraffic {
  const mean = course.reduce((sum, count) => sum + count, 0) / Math.max(1, course.length);
  const relative = mean === 0 ? [1] : course.map((count) => count / mean);
  return { works, perMs, course: relative, sliceMs: tickMs };
}

function coldOf(works: Works): Works {
  const { length } = works;
  const cold = new Works(length);
  for (let at = 0; at < length; at++) cold.copyWork(works, at);
  const place = Math.floor(SHARED_QUANTILE * length);
  const shared = selected(works.cachedTokens.slice(0, length), length, place);
  for (let at = 0; at < length; at++) {
    cold.cachedTokens[at] = Math.min(cold.cachedTokens[at] ?? 0, shared);
  }
  return cold;
}

/** The twin's figure at the load as it is, over what was seen. */
function fitOf({ metric, quantile: q }: Aim, seen: Observation, played: Plays): number | null {
  const histogram = seen.candidate[metric];
  const measured = quantile(histogram, q);
  const modelled = quantileOf(metric, q, played);
  if (countOf(histogram) === 0 || measured === null || modelled === null) return null;
  return Number.isFinite(measured) ? modelled / measured : null;
}

type Replayed = {
  readonly members: readonly Member[];
  readonly runs: readonly (readonly Figures[])[];
  /** What was seen is taken to be off a twin by so much at most. */
  readonly anchorMax: number;
};

function spreadOf(aim: number, { members, runs, anchorMax }: Replayed): LatencySpread | null {
  const values = members
    .flatMap(({ fits }, member) =>
      (runs[member] ?? []).flatMap((figures) => {
        const value = figures[aim] ?? null;
        const off = Math.min(anchorMax, Math.max(1 / anchorMax, fits[aim] ?? 1));
        return value === null ? [] : [value / off];
      }),
    )
    .sort((a, b) => a - b);
  const at = (part: number): number => values[Math.round(part * (values.length - 1))] ?? 0;
  if (values.length === 0) return null;
  return { lowMs: at(TAIL), medianMs: at(0.5), highMs: at(1 - TAIL) };
}

/** As the gateway counts them: first tokens, and times between tokens, of streams alone. */
function quantileOf(metric: LatencyTime, q: number, plays: Plays): number | null {
  const { length, streamed, ttftMs, totalMs, outputTokens } = plays;
  const values = new Float64Array(length);
  let n = 0;
  for (let at = 0; at < length; at++) {
    const total = totalMs[at] ?? 0;
    const first = ttftMs[at] ?? 0;
    const output = outputTokens[at] ?? 0;
    if (metric === "total") values[n++] = total;
    else if (streamed[at] !== 1) continue;
    else if (metric === "ttft") values[n++] = first;
    else if (output >= 2) values[n++] = (total - first) / (output - 1);
  }
  return n === 0 ? null : selected(values, n, Math.floor(q * (n - 1)));
}

function middleFit(fits: readonly (number | null)[]): number | null {
  const known = fits.filter((one) => one !== null);
  return known.length === 0 ? null : middle(known);
}

function middle(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}
