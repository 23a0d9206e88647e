// forecast(...): what the next stage's load will make of the candidate, told before anybody is in it. A load model where
// the evidence suffices for one, the provider's limits where the version is hosted, and otherwise that it cannot tell.

import type { GuardComparison } from "../guards/guard.ts";
import { countOf, quantile } from "../histogram.ts";
import type { Upstream } from "../model.ts";
import { murmur3 } from "../murmur3.ts";
import type { Policy } from "../policy.ts";
import type { Rollout } from "../rollout/rollout.ts";
import { factorOf } from "./calibration.ts";
import {
  type Aim,
  type EngineForecast,
  engineForecast,
  KNEE,
  SAMPLES_MIN,
} from "./engine-forecast.ts";
import { type Doubt, type Forecast, type LatencyForecast, LOAD_MODEL } from "./forecast-outcome.ts";
import { forecastText } from "./forecast-text.ts";
import { type Observation, type ObservedTick, observationOf } from "./observation.ts";
import { type Demand, type PoolLimit, quotaForecasts } from "./quota.ts";
import { scalabilityForecast } from "./scalability-forecast.ts";

export type ForecastAsk = {
  readonly rollout: Pick<Rollout, "id" | "phase" | "policy" | "stageTable">;
  /** Of the stage, oldest first. */
  readonly ticks: readonly ObservedTick[];
  /** The candidate's, and the pools that stable's requests go into. */
  readonly upstreams: readonly Upstream[];
  readonly stablePools: readonly string[];
  readonly limits: readonly PoolLimit[];
  /** log(actual ÷ predicted) of the model's earlier forecasts. */
  readonly logErrors: readonly number[];
};

/** The stage to forecast: the next one, where it brings more load. Null where there is none. */
export function stageAhead({
  phase,
  policy,
}: Pick<Rollout, "phase" | "policy">): { readonly stage: number; readonly percent: number } | null {
  if (!policy.forecast.enabled || phase.kind !== "stage") return null;
  const [now, next] = [policy.stages[phase.stage], policy.stages[phase.stage + 1]];
  if (now === undefined || next === undefined || next.percent <= now.percent) return null;
  return { stage: phase.stage + 1, percent: next.percent };
}

type Basis = Pick<
  Forecast,
  "basis" | "load" | "capacity" | "beyondKnee" | "latency" | "doubt" | "risky"
>;

/**
 * Throws where there is no stage to forecast: the caller asks `stageAhead` first. `depth`: for the verdict alone no engine is
 * played where a limit is exceeded whatever it would say.
 */
export function forecast(ask: ForecastAsk, depth: "whole" | "verdict" = "whole"): Forecast {
  const { rollout, ticks } = ask;
  const ahead = stageAhead(rollout);
  if (ahead === null) throw new RangeError(`rollout ${rollout.id} has no stage to forecast`);
  const seen = observationOf(ticks, rollout);
  const widened = { factor: factorOf(ask.logErrors), scores: ask.logErrors.length };
  const quotas = quotaForecasts(demandsOf(ask, seen, ahead.percent), ask.limits);
  const isOver = quotas.some(({ verdict }) => verdict === "fail");
  const basis =
    isOver && depth === "verdict"
      ? ofQuota()
      : basisOf(ask, seen, ahead.percent, widened.factor, quotas.length > 0);
  const found = {
    model: LOAD_MODEL,
    ...ahead,
    table: rollout.stageTable,
    ticks: { from: ticks[0]?.tick ?? -1, to: ticks.at(-1)?.tick ?? -1 },
    ...basis,
    quotas,
    widened,
    verdict: isOver ? ("fail" as const) : verdictOf(basis),
  };
  return { ...found, text: forecastText(found) };
}

/** What stands in a forecast's place when it could not be made at all. */
export function failedForecast(
  rollout: ForecastAsk["rollout"],
  watermark: number,
  why: string,
): Forecast | null {
  const ahead = stageAhead(rollout);
  if (ahead === null) return null;
  const text = `cannot tell what ${ahead.percent}% will be like: the forecast failed (${why})`;
  return {
    model: LOAD_MODEL,
    ...ahead,
    table: rollout.stageTable,
    ticks: { from: -1, to: watermark },
    ...nothing("failed"),
    quotas: [],
    widened: { factor: factorOf([]), scores: 0 },
    verdict: "unknown",
    text,
  };
}

function nothing(doubt: Doubt, basis: Forecast["basis"] = "none"): Basis {
  const none = { load: null, capacity: null, beyondKnee: false, latency: [] };
  return { basis, ...none, doubt, risky: false };
}

function ofQuota(): Basis {
  return { ...nothing("few-samples", "quota"), doubt: null };
}

function basisOf(
  ask: ForecastAsk,
  seen: Observation,
  percent: number,
  factor: number,
  hasQuota: boolean,
): Basis {
  // Whoever says how many replicas there are serves it himself: then both count.
  const isHosted = ask.upstreams.every(({ replicas }) => replicas === undefined);
  if (hasQuota && isHosted) return ofQuota();
  if (ask.upstreams.some(({ replicas }) => replicas === "elastic")) return nothing("elastic");
  const load = loadOf(ask, seen, percent);
  if (load === null) return nothing("few-samples");
  const aims = aimsOf(ask.rollout.policy);
  if (seen.samples.length < SAMPLES_MIN) {
    return scalabilityBasis(seen, load, aims, factor) ?? nothing("few-samples");
  }
  // The same draws for a whole stage: made anew with other ticks, a forecast moves with what those say and not by chance,
  // which would let any stage pass that is asked for often enough.
  const seed = murmur3(ask.rollout.id, ask.rollout.stageTable);
  const made = engineForecast(seen, load, aims, seed);
  return engineBasis(made, seen, load, aims, factor);
}

type Load = Parameters<typeof engineForecast>[1] & { readonly isDeclared: boolean };

function loadOf({ upstreams }: ForecastAsk, seen: Observation, percent: number): Load | null {
  const ms = seen.ticks * seen.tickMs;
  const engines = upstreams.reduce((sum, { replicas }) => sum + countOfReplicas(replicas), 0);
  const now = seen.split + seen.ring;
  if (ms === 0 || engines === 0 || now === 0 || seen.all === 0) return null;
  const next = (seen.all * percent) / 100 + seen.ring;
  const inFlightMax = upstreams.reduce((sum, upstream) => sum + upstream.inFlightMax, 0);
  return {
    engines,
    perUpstream: engines / upstreams.length,
    now: now / ms / engines,
    next: next / ms / engines,
    sequencesMax: Math.max(1, Math.min(BATCH_MAX, Math.floor(inFlightMax / engines))),
    isDeclared: upstreams.every(({ replicas }) => replicas !== undefined),
  };
}

/** Sequences in a batch where nobody says: what engines come with. */
const BATCH_MAX = 256;

function countOfReplicas(replicas: Upstream["replicas"]): number {
  return typeof replicas === "number" ? replicas : 1;
}

function demandsOf(
  { upstreams, stablePools }: ForecastAsk,
  seen: Observation,
  percent: number,
): readonly Demand[] {
  const minutes = (seen.ticks * seen.tickMs) / 60_000;
  if (minutes === 0) return [];
  const tokens = (seen.tokens.input + seen.tokens.output) / Math.max(1, seen.answered);
  return [...new Set(upstreams.map(({ pool }) => pool))].map((pool) => {
    const own = upstreams.filter((upstream) => upstream.pool === pool).length / upstreams.length;
    const stable = stablePools.filter((name) => name === pool).length / stablePools.length || 0;
    const candidate = (seen.all * percent) / 100 + seen.ring;
    const rest = seen.all * (1 - percent / 100);
    const requestsPerMinute = (own * candidate + stable * rest) / minutes;
    return { pool, requestsPerMinute, tokensPerMinute: requestsPerMinute * tokens };
  });
}

type AimedAt = Aim & { readonly guard: string | null; readonly limit: GuardComparison | null };

/** The latency guards that could act; where there is none, P99 of the whole answer, with no limit but the knee. */
function aimsOf({ guards }: Policy): readonly AimedAt[] {
  const aims = guards.flatMap(({ id, action, metric, segment, comparison }) => {
    if (metric.kind !== "latency" || action === "warn" || segment !== null) return [];
    const { time, quantile: q } = metric;
    return [{ guard: id, metric: time, quantile: q, limit: comparison }];
  });
  if (aims.length > 0) return aims;
  return [{ guard: null, metric: "total", quantile: 0.99, limit: null }];
}

/** What a guard allows, by stable as it is now. */
function limitMsOf(limit: GuardComparison | null, stableMs: number | null): number | null {
  if (limit?.kind === "limit") return limit.max;
  return limit?.kind === "ratio" && stableMs !== null ? stableMs * limit.ratioMax : null;
}

function engineBasis(
  made: EngineForecast,
  seen: Observation,
  load: Load,
  aims: readonly AimedAt[],
  factor: number,
): Basis {
  const latency = aims.map((aim, index) =>
    latencyOf(
      aim,
      seen,
      { at: made.at[index] ?? null, floorMs: made.floors[index] ?? null },
      factor,
    ),
  );
  const beyondKnee = load.next > KNEE * made.capacity;
  const isMisfit = made.fit.some((fit) => fit !== null && (fit > FIT_MAX || fit < 1 / FIT_MAX));
  const doubt = load.isDeclared ? (isMisfit ? "misfit" : null) : "replicas";
  const isOver = beyondKnee || latency.some(isOverLimit);
  return {
    basis: "engine",
    load: shownLoad(load),
    capacity: { perSecond: made.capacity * 1000, cold: made.capacityCold * 1000 },
    beyondKnee,
    latency,
    // As one replica it does well: with more behind that address it does no worse.
    doubt: doubt === "replicas" && !isOver ? null : doubt,
    risky: isOver,
  };
}

/** A twin that is off by more at the load that is seen has nothing to say of another. */
const FIT_MAX = 2;

function shownLoad({ engines, now, next }: Load): NonNullable<Forecast["load"]> {
  return { replicas: engines, now: now * 1000, next: next * 1000 };
}

function scalabilityBasis(
  seen: Observation,
  load: Load,
  aims: readonly AimedAt[],
  factor: number,
): Basis | null {
  const made = scalabilityForecast(seen, load.now, load.next);
  if (made === null) return null;
  const latency = aims.map((aim) => {
    const now = quantileOf(seen.candidate[aim.metric], aim.quantile);
    const slower = made.slower;
    const spread =
      now === null || slower === null
        ? null
        : {
            lowMs: now * slower.low,
            medianMs: now * slower.median,
            highMs: now * slower.high,
          };
    const floorMs = now === null || made.floor === null ? null : now * made.floor;
    return latencyOf(aim, seen, { at: spread, floorMs }, factor);
  });
  const beyondKnee = made.slower === null;
  return {
    basis: "scalability",
    load: shownLoad(load),
    capacity:
      made.capacity === null
        ? null
        : { perSecond: (made.capacity * 1000) / load.engines, cold: null },
    beyondKnee,
    latency,
    doubt: made.isFar ? "unlike-scale" : null,
    // What a curve says far beyond its points is no sign of anything.
    risky: !made.isFar && (beyondKnee || latency.some(isOverLimit)),
  };
}

type Told = { readonly at: EngineForecast["at"][number]; readonly floorMs: number | null };

function latencyOf(
  { guard, metric, quantile: q, limit }: AimedAt,
  seen: Observation,
  { at: spread, floorMs }: Told,
  factor: number,
): LatencyForecast {
  const stableMs = quantileOf(seen.stable[metric], q);
  const nowMs = quantileOf(seen.candidate[metric], q);
  return {
    guard,
    metric,
    quantile: q,
    lowMs: spread === null ? null : spread.lowMs / factor,
    medianMs: spread?.medianMs ?? null,
    highMs: spread === null ? null : spread.highMs * factor,
    // More load makes nothing quicker, so that what is seen now is a floor too.
    floorMs: floorMs === null ? null : Math.max(floorMs / factor, nowMs ?? 0),
    nowMs,
    stableMs,
    limitMs: limitMsOf(limit, stableMs),
  };
}

function quantileOf(histogram: Parameters<typeof countOf>[0], q: number): number | null {
  const value = countOf(histogram) === 0 ? null : quantile(histogram, q);
  return value !== null && Number.isFinite(value) ? value : null;
}

function isOverLimit({ lowMs, limitMs }: LatencyForecast): boolean {
  return lowMs !== null && limitMs !== null && lowMs > limitMs;
}

function verdictOf({ basis, doubt, risky }: Basis): Forecast["verdict"] {
  if (doubt !== null || basis === "none") return "unknown";
  return risky ? "fail" : "pass";
}
