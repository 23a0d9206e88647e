// From a load test to the load model that forecasts use: the engine is fitted to one step's shots, and its twin says what
// another load will be like.

import { emptyHistogram, record } from "../histogram.ts";
import {
  type Aim,
  type EngineForecast,
  engineForecast,
  KNEE,
  SAMPLES_MIN,
} from "../load/engine-forecast.ts";
import type { Latencies, Observation, WeightedSample } from "../load/observation.ts";
import type { TestStep } from "./schedule.ts";
import { type Shot, totalMsOf, tpotMsOf, ttftMsOf } from "./shot.ts";

export type LoadModelAsk = {
  readonly steps: readonly TestStep[];
  readonly shots: readonly Shot[];
  readonly replicas: number;
  /** Replicas behind one address. */
  readonly perUpstream: number;
  /** Sequences in a batch at most, by what gateways let through to a replica. */
  readonly sequencesMax: number;
  /** Requests a second that a replica was seen to serve; null where nobody looked. */
  readonly capacityPerSecond: number | null;
  readonly seed: number;
};

/** Closer to the capacity an engine's own pace is hidden behind its queue. */
const FITTED_MAX = 0.6;
const SAMPLES_MAX = 3_000;
const MINUTE_MS = 60_000;

/** The step that an engine is fitted to: the highest that leaves it room, or the lowest. Null without a capacity too. */
function fittedStep({ steps, replicas, capacityPerSecond }: LoadModelAsk): number {
  if (capacityPerSecond === null) return 0;
  const roomy = steps.findLastIndex(
    ({ perSecond }) => perSecond <= FITTED_MAX * capacityPerSecond * replicas,
  );
  return Math.max(0, roomy);
}

/** At so many requests a second over all replicas. Null where the step has too few answers that count their tokens. */
export function forecastAt(
  ask: LoadModelAsk,
  perSecond: number,
  aims: readonly Aim[],
): EngineForecast | null {
  const { steps, replicas, perUpstream, sequencesMax, capacityPerSecond, seed } = ask;
  const index = fittedStep(ask);
  const step = steps[index];
  if (step === undefined) return null;
  const own = ask.shots.filter((shot) => shot.step === index && shot.dueMs >= step.countFromMs);
  const seen = observed(own, step);
  if (seen.samples.length < SAMPLES_MIN) return null;
  const perEngineMs = (rate: number): number => rate / 1_000 / replicas;
  const load = {
    engines: replicas,
    perUpstream,
    now: perEngineMs((own.length * 1_000) / (step.endMs - step.countFromMs)),
    next: perEngineMs(perSecond),
    sequencesMax,
    measured: capacityPerSecond === null ? null : capacityPerSecond / 1_000,
  };
  return engineForecast(seen, load, aims, seed);
}

/** Whether a load is beyond where latency can be told. */
export function isBeyondKnee(
  perSecond: number,
  replicas: number,
  capacityPerSecond: number,
): boolean {
  return perSecond > KNEE * capacityPerSecond * replicas;
}

function observed(shots: readonly Shot[], step: TestStep): Observation {
  const lengthMs = step.endMs - step.countFromMs;
  const ticks = Math.max(1, Math.round(lengthMs / MINUTE_MS));
  const none = { input: 0, cached: 0, output: 0 };
  const samples = shots.flatMap(sampleOf);
  const every = Math.max(1, Math.ceil(samples.length / SAMPLES_MAX));
  return {
    ticks,
    tickMs: lengthMs / ticks,
    split: shots.length,
    ring: 0,
    all: shots.length,
    inFlightMs: samples.reduce((sum, { sample }) => sum + sample.totalMs, 0),
    tokens: none,
    answered: samples.length,
    candidate: latenciesOf(shots),
    stable: { total: emptyHistogram(), ttft: emptyHistogram(), tpot: emptyHistogram() },
    samples: samples.filter((_, i) => i % every === 0),
    course: [shots.length],
    steps: [],
  };
}

function sampleOf(shot: Shot): readonly WeightedSample[] {
  const { usage, inFlight, chunks } = shot;
  const totalMs = totalMsOf(shot);
  if (usage === null || !Number.isFinite(totalMs)) return [];
  const { promptTokens, cachedTokens, outputTokens } = usage;
  const ttftMs = chunks > 0 ? ttftMsOf(shot) : totalMs;
  const sample = {
    inputTokens: promptTokens,
    estimatedTokens: promptTokens,
    cachedTokens,
    outputTokens,
    ttftMs,
    totalMs,
    inFlight,
    replica: "candidate",
  };
  return [{ sample, weight: 1 }];
}

function latenciesOf(shots: readonly Shot[]): Latencies {
  const sum = { total: emptyHistogram(), ttft: emptyHistogram(), tpot: emptyHistogram() };
  for (const shot of shots) {
    const totalMs = totalMsOf(shot);
    if (!Number.isFinite(totalMs)) {
      sum.total.over++;
      continue;
    }
    record(sum.total, totalMs);
    if (shot.chunks > 0) record(sum.ttft, ttftMsOf(shot));
    const tpotMs = tpotMsOf(shot);
    if (tpotMs !== null) record(sum.tpot, tpotMs);
  }
  return sum;
}
