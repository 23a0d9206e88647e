// What a version was like while nearly everybody was on it: latencies, failures, what users said, tokens and cost, with how
// far chance may have moved each; of both versions, so that they stand side by side.

import { SCORE_PREFIX } from "../evidence/feedback.ts";
import type { EvidenceRow, ServingArm } from "../evidence/row.ts";
import { countIn } from "../guards/counting.ts";
import { type ArmPrices, LABEL_EVENTS, type LatencyTime, type Metric } from "../guards/guard.ts";
import { Z_99 } from "../guards/interval.ts";
import { type Unit, unitOf } from "../guards/metric-text.ts";
import { momentsOf } from "../guards/sequential/means.ts";
import { countOf, quantile } from "../histogram.ts";
import { quantileBounds } from "../statistics/quantile-interval.ts";
import { wilson } from "../statistics/wilson.ts";

/** One arm's. Null where there is nothing to tell it by. `low`, `high`: a 99% interval. */
export type BaselineFigure = {
  readonly n: number;
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
};

export type BaselineRow = {
  /** Unique in a baseline; a limit of it is a guard's id with `slo-` before it. */
  readonly name: string;
  readonly metric: Metric;
  readonly unit: Unit;
  readonly old: BaselineFigure;
  readonly new: BaselineFigure;
};

/** One sum of all rows, for each arm. */
export type VersionSums = { readonly [arm in ServingArm]: EvidenceRow };

const latency = (time: LatencyTime, quantile: number): Metric => ({
  kind: "latency",
  time,
  quantile,
  byLength: false,
});

/** What either has a figure of. `prices`: null where a version has declared none, so that there is no cost. */
export function baselineRows(sums: VersionSums, prices: ArmPrices | null): readonly BaselineRow[] {
  return metricsIn(sums, prices)
    .map(([name, metric]) => ({
      name,
      metric,
      unit: unitOf(metric),
      old: figureOf(metric, sums.stable),
      new: figureOf(metric, sums.candidate),
    }))
    .filter((row) => row.old.n + row.new.n > 0);
}

function metricsIn(
  { stable, candidate }: VersionSums,
  prices: ArmPrices | null,
): readonly (readonly [string, Metric])[] {
  const heard = new Set(
    [stable, candidate].flatMap(({ feedback }) => Object.keys(feedback?.tallies ?? {})),
  );
  return [
    ["p50-latency", latency("total", 0.5)],
    ["p95-latency", latency("total", 0.95)],
    ["p99-latency", latency("total", 0.99)],
    ["p99-ttft", latency("ttft", 0.99)],
    ["errors", { kind: "events", event: "errors" }],
    ["refusals", { kind: "events", event: "refusals" }],
    ...[...heard].sort().flatMap(labelMetric),
    ["output-tokens", { kind: "mean", of: "output-tokens", prices: null }],
    ...(prices === null ? [] : ([["cost", { kind: "mean", of: "cost", prices }]] as const)),
  ];
}

function labelMetric(tally: string): readonly (readonly [string, Metric])[] {
  if (tally.startsWith(SCORE_PREFIX)) {
    const score = tally.slice(SCORE_PREFIX.length);
    return [[`score-${score}`, { kind: "score", score }]];
  }
  const event = LABEL_EVENTS.find((one) => one === tally);
  return event === undefined ? [] : [[event, { kind: "events", event }]];
}

/** Of each end of an interval. */
const TAIL = 0.005;

/** Too many that never finished lie above every number. */
function known(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

export const NOTHING_MEASURED: BaselineFigure = { n: 0, value: null, low: null, high: null };

function figureOf(metric: Metric, row: EvidenceRow): BaselineFigure {
  if (metric.kind === "latency") {
    const times = row.latency[metric.time];
    const bounds = quantileBounds(times, metric.quantile, TAIL);
    const value = quantile(times, metric.quantile);
    if (bounds === null || value === null) return NOTHING_MEASURED;
    return { n: countOf(times), value: known(value), low: bounds.low, high: known(bounds.high) };
  }
  if (metric.kind !== "mean") {
    const { n, bad } = countIn(metric, row);
    if (n === 0) return NOTHING_MEASURED;
    const { rate, low, high } = wilson(n, bad, Z_99);
    return { n, value: rate, low, high };
  }
  const { n, sum, squares } = momentsOf(metric, [row], row.arm);
  if (n === 0) return NOTHING_MEASURED;
  const mean = sum / n;
  const reach = Z_99 * Math.sqrt(Math.max(0, squares / n - mean ** 2) / n);
  return { n, value: mean, low: Math.max(0, mean - reach), high: mean + reach };
}
