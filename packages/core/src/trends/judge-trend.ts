// What a trend says: the latest look in one line for people, and whether it breaks.

import type { Evidence } from "../evidence/evidence.ts";
import { chanceText, durationText } from "../quantity.ts";
import type { Rollout } from "../rollout/rollout.ts";
import {
  LOOK_SLOTS,
  SLOT_MS,
  type Trend,
  type TrendLook,
  type TrendMetric,
  type TrendSeries,
} from "./trend.ts";

export type TrendVerdict = {
  readonly trend: string;
  readonly metric: TrendMetric;
  readonly action: Trend["action"];
  /** No growth seen is no pass: what has not been looked at yet holds nothing, and says nothing. */
  readonly status: "pass" | "fail" | "wait";
  readonly look: TrendLook | null;
  /** When it looks again, milliseconds since the epoch; null after the last look, and before the first request. */
  readonly nextLookMs: number | null;
  readonly text: string;
};

export function judgeTrend(trend: Trend, rollout: Rollout, { trends }: Evidence): TrendVerdict {
  const isSame = trends.stageTable === rollout.stageTable;
  const series = isSame ? trends.series[trend.id] : undefined;
  const startMs = isSame ? trends.startMs : null;
  const look = series?.look ?? null;
  const next = LOOK_SLOTS.find((length) => length > (series?.open.slot ?? 0));
  const nextLookMs = startMs === null || next === undefined ? null : startMs + next * SLOT_MS;
  return {
    trend: trend.id,
    metric: trend.metric,
    action: trend.action,
    status: look === null ? "wait" : look.isBroken ? "fail" : "pass",
    look,
    nextLookMs,
    text: look === null ? waitText(series, next) : lookText(trend, look),
  };
}

const NOUNS: { readonly [metric in TrendMetric]: string } = {
  "client-memory": "client memory",
  latency: "P50 latency",
  ttft: "P50 TTFT",
};

function waitText(series: TrendSeries | undefined, next: number | undefined): string {
  const points = series?.points.length ?? 0;
  if (next === undefined) return `${points} points, too few to tell`;
  const length = durationText(next * SLOT_MS);
  return points === 0
    ? `nothing measured yet; the next look is ${length} into the stage`
    : `${points} points; the next look is ${length} into the stage`;
}

function lookText(trend: Trend, look: TrendLook): string {
  const { slope, seen, logChance, logNeeded, lengthMs, exhaustionMs, limit, current } = look;
  const noun = NOUNS[trend.metric];
  const than = look.against === "stable" ? " more than stable's" : "";
  const interval = `95%: ${intervalText(trend.metric, look)}`;
  const isSure = logChance < logNeeded && slope > 0;
  if (!isSure) {
    const blind =
      seen === null ? "too few points to see any" : `${growthText(trend.metric, seen)} would show`;
    return `${noun} does not surely grow${than}: ${growthText(trend.metric, slope)} after ${spanText(lengthMs)} (${interval}; ${blind})`;
  }
  const reaches =
    exhaustionMs === null
      ? "the limit is not in sight"
      : `from ${valueText(trend.metric, current)} to the limit of ${valueText(trend.metric, limit)} in ${spanText(exhaustionMs)} at the earliest, ${spanText(trend.uptimeMs)} are asked for`;
  return `${noun} grows by ${growthText(trend.metric, slope)}${than} (${interval}; by chance ${chanceText(Math.exp(logChance))}); ${reaches}`;
}

/** 31.2 → "31.2 MiB an hour". */
export function growthText(metric: TrendMetric, perHour: number): string {
  return `${valueText(metric, perHour)} an hour`;
}

function intervalText(metric: TrendMetric, { low, high }: TrendLook): string {
  if (low === null || high === null) return "not known";
  return `${valueText(metric, low)} to ${valueText(metric, high)}`;
}

const DAY_MS = 86_400_000;

function spanText(ms: number): string {
  return ms < 2 * DAY_MS ? durationText(ms) : `${Math.round((10 * ms) / DAY_MS) / 10} days`;
}

function valueText(metric: TrendMetric, value: number): string {
  const sign = value < 0 ? "−" : "";
  const size = Math.abs(value);
  if (metric !== "client-memory") return `${sign}${durationText(size)}`;
  return `${sign}${size < 10 ? Math.round(size * 10) / 10 : Math.round(size)} MiB`;
}
