// Synthetic arrivals with the measured shape of real code completions: bursts with silence between them, on
// every scale from a second to minutes. One parameter goes from that down to plain Poisson.
import { exponential, logNormal, type Random } from "@slipway/core";
import type { Arrival, Arrivals } from "./arrival.ts";
import { drawOutputTokens, drawPromptTokens, type Lengths } from "./lengths.ts";

export type SyntheticOptions = {
  readonly ratePerSecond: number;
  /** 0: Poisson. 1: as bursty as the Azure code trace compressed to this rate. */
  readonly burstiness: number;
  /** Instead of those of code completions. */
  readonly lengths?: Lengths;
};

/** A log-normal duration or rate. */
type Spread = { readonly median: number; readonly sigma: number };

// Phases in seconds at the trace's own rate of 2.57 requests/s. Fitted to its gaps (CV 13.2), its index of
// dispersion at 1, 5, 10 and 60 s (13, 47, 71, 160) and its share of empty seconds (73%).
const BURST: Spread = { median: 1.2, sigma: 1.1 };
const BURST_RATE: Spread = { median: 12, sigma: 0.5 };
const PAUSE: Spread = { median: 0.85, sigma: 0.5 };
const SILENCE: Spread = { median: 35, sigma: 0.9 };
/** Share of the gaps between bursts that are silences. */
const SILENCE_SHARE = 0.17;

export function synthetic(options: SyntheticOptions, random: Random): Arrivals {
  const { ratePerSecond, burstiness, lengths = [] } = options;
  const smooth = poissonTimes(ratePerSecond * (1 - burstiness), random);
  const bursty = thinned(burstTimes(ratePerSecond, random), burstiness, random);
  let smoothMs = smooth();
  let burstyMs = bursty();
  const next = (): Arrival => {
    const atMs = Math.min(smoothMs, burstyMs);
    if (smoothMs <= burstyMs) smoothMs = smooth();
    else burstyMs = bursty();
    if (lengths.length > 0) {
      const recorded = lengths[Math.floor(random.next() * lengths.length)];
      if (recorded !== undefined) return { ...recorded, atMs };
    }
    const promptTokens = drawPromptTokens(random);
    return { atMs, promptTokens, outputTokens: drawOutputTokens(random) };
  };
  return { next };
}

/** Each call the next time in ms, for ever. */
type Times = () => number;

const NEVER: Times = () => Number.POSITIVE_INFINITY;

function poissonTimes(perSecond: number, random: Random): Times {
  if (perSecond <= 0) return NEVER;
  let nowMs = 0;
  return () => {
    nowMs += exponential(random, 1000 / perSecond);
    return nowMs;
  };
}

/** Keeps each time with a probability: the phases stay, what happens in them gets rarer. */
function thinned(times: Times, probability: number, random: Random): Times {
  if (probability <= 0) return NEVER;
  return () => {
    for (;;) {
      const ms = times();
      if (random.next() < probability) return ms;
    }
  };
}

function burstTimes(perSecond: number, random: Random): Times {
  const unitMs = (1000 * naturalRate()) / perSecond;
  // The process starts with a gap, as if observed from the end of some burst.
  let nowS = gap(random);
  let endS = nowS + draw(random, BURST);
  let rate = draw(random, BURST_RATE);
  let upcomingS = nowS;
  return () => {
    nowS = upcomingS;
    upcomingS += exponential(random, 1 / rate);
    if (upcomingS > endS) {
      upcomingS = endS + gap(random);
      endS = upcomingS + draw(random, BURST);
      rate = draw(random, BURST_RATE);
    }
    return nowS * unitMs;
  };
}

function gap(random: Random): number {
  return draw(random, random.next() < SILENCE_SHARE ? SILENCE : PAUSE);
}

function draw(random: Random, spread: Spread): number {
  return logNormal(random, spread.median, spread.sigma);
}

function mean(spread: Spread): number {
  return spread.median * Math.exp(spread.sigma ** 2 / 2);
}

/** Requests per second of the phases as they stand: those of a burst over a burst and its gap. */
function naturalRate(): number {
  const perBurst = 1 + mean(BURST) * mean(BURST_RATE);
  const gapS = SILENCE_SHARE * mean(SILENCE) + (1 - SILENCE_SHARE) * mean(PAUSE);
  return perBurst / (mean(BURST) + gapS);
}
