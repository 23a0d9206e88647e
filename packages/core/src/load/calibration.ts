// What forecasts were worth: each is scored once its stage has been seen, and the next ones are widened by how far
// those were off.
//
// Source: split conformal prediction (Vovk, Gammerman and Shafer, 2005) on |log(actual ÷ predicted)|.

import type { Evidence } from "../evidence/evidence.ts";
import { countOf, emptyHistogram, mergeInto, quantile } from "../histogram.ts";
import type { Foreseen } from "../rollout/rollout.ts";
import type { LatencyForecast } from "./forecast-outcome.ts";

/** Of one stage: what was said of it, and how it was. */
export type Score = {
  readonly stage: number;
  readonly percent: number;
  /** The candidate's requests that it rests on. */
  readonly requests: number;
  readonly latency: readonly LatencyScore[];
};

export type LatencyScore = Pick<
  LatencyForecast,
  "metric" | "quantile" | "lowMs" | "medianMs" | "highMs" | "limitMs"
> & {
  /** Null where it lay above everything that was measured. */
  readonly actualMs: number | null;
  /** log(actual ÷ predicted); null where either is not a number. */
  readonly logError: number | null;
  /** Whether it lay within the interval; null where there was none. */
  readonly covered: boolean | null;
};

/** Fewer requests say nothing of a P99. */
const REQUESTS_MIN = 200;
/** Until so many forecasts were scored the factor is the one below. */
const SCORES_MIN = 10;
const FACTOR_AT_FIRST = 1.25;
const COVERAGE = 0.9;

/** What intervals are widened by, up and down. */
export function factorOf(logErrors: readonly number[]): number {
  const n = logErrors.length;
  if (n < SCORES_MIN) return FACTOR_AT_FIRST;
  const sorted = logErrors.map(Math.abs).sort((a, b) => a - b);
  const rank = Math.min(n, Math.ceil(COVERAGE * (n + 1)));
  return Math.exp(sorted[rank - 1] ?? Math.log(FACTOR_AT_FIRST));
}

/** The score of the forecast of a stage that has been left; null while, or where, there is nothing to score. */
export function scoreOf(
  { forecast, fromMs, toMs }: Foreseen,
  evidence: Pick<Evidence, "endMs" | "window">,
  tickMs: number,
): Score | null {
  if (fromMs === null || toMs === null || (evidence.endMs ?? 0) < toMs) return null;
  if (forecast.latency.length === 0) return null;
  const ticks = evidence.window.filter(
    ({ endMs }) => endMs - tickMs >= fromMs && endMs - tickMs < toMs,
  );
  const requests = ticks.reduce((sum, { candidate }) => sum + candidate.counted, 0);
  if (requests < REQUESTS_MIN) return null;
  const { stage, percent } = forecast;
  return { stage, percent, requests, latency: forecast.latency.map(scored) };

  function scored(one: LatencyForecast): LatencyScore {
    const sum = emptyHistogram();
    for (const { candidate } of ticks) mergeInto(sum, candidate.latency[one.metric]);
    const value = countOf(sum) === 0 ? null : quantile(sum, one.quantile);
    const actualMs = value !== null && Number.isFinite(value) ? value : null;
    return { ...figuresOf(one), actualMs, ...against(one, value) };
  }
}

function figuresOf({
  metric,
  quantile: q,
  lowMs,
  medianMs,
  highMs,
  limitMs,
}: LatencyForecast): Pick<
  LatencyScore,
  "metric" | "quantile" | "lowMs" | "medianMs" | "highMs" | "limitMs"
> {
  return { metric, quantile: q, lowMs, medianMs, highMs, limitMs };
}

function against(
  { lowMs, medianMs, highMs }: LatencyForecast,
  value: number | null,
): Pick<LatencyScore, "logError" | "covered"> {
  if (value === null || lowMs === null || medianMs === null || highMs === null) {
    return { logError: null, covered: null };
  }
  return {
    logError: Number.isFinite(value) ? Math.log(value / medianMs) : null,
    covered: value >= lowMs && value <= highMs,
  };
}

/** The errors that a score adds to what is known of a model's forecasts. */
export function errorsOf({ latency }: Score): readonly number[] {
  return latency.flatMap(({ logError }) => logError ?? []);
}

/** Of the scored forecasts that had an interval, how many the truth lay in. */
export function coverageOf(scores: readonly Score[]): { readonly of: number; readonly in: number } {
  const told = scores.flatMap(({ latency }) => latency.flatMap(({ covered }) => covered ?? []));
  return { of: told.length, in: told.filter((covered) => covered).length };
}
