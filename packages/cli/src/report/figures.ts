// The figures of a course at a resolution that can be drawn: neighbouring points together, and from them rates, shares and
// quantiles. Too few requests have no quantile: a line of noise would look like news.

import { emptyHistogram, type Histogram, mergeInto, quantile } from "@slipway/core";
import type { GuardPoint, SeriesPoint } from "@slipway/simulator";

export type ArmFigures = {
  readonly requests: number;
  readonly perMinute: number;
  /** Null where nothing can be said. */
  readonly errorShare: number | null;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
};

export type Figures = {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly share: number;
  readonly stable: ArmFigures;
  readonly candidate: ArmFigures;
  readonly guards: { readonly [guard: string]: GuardPoint };
};

const REQUESTS_MIN = { share: 20, p50: 10, p99: 50 };

export function figuresOf(points: readonly SeriesPoint[], atMost: number): readonly Figures[] {
  const each = Math.max(1, Math.ceil(points.length / atMost));
  return Array.from({ length: Math.ceil(points.length / each) }, (_, index) =>
    figureOf(points.slice(index * each, (index + 1) * each)),
  );
}

function figureOf(points: readonly SeriesPoint[]): Figures {
  const fromMs = points[0]?.fromMs ?? 0;
  const last = points.at(-1);
  const untilMs = last?.untilMs ?? fromMs;
  const minutes = (untilMs - fromMs) / 60_000;
  return {
    fromMs,
    untilMs,
    share: last?.share ?? 0,
    stable: armOf(points, "stable", minutes),
    candidate: armOf(points, "candidate", minutes),
    guards: Object.assign({}, ...points.map(({ guards }) => guards)),
  };
}

function armOf(
  points: readonly SeriesPoint[],
  arm: "stable" | "candidate",
  minutes: number,
): ArmFigures {
  const sum = { requests: 0, counted: 0, bad: 0 };
  const latency = emptyHistogram();
  for (const { arms } of points) {
    const { requests, counted, bad } = arms[arm];
    sum.requests += requests;
    sum.counted += counted;
    sum.bad += bad;
    mergeInto(latency, arms[arm].latency);
  }
  const { requests, counted, bad } = sum;
  return {
    requests,
    perMinute: requests / minutes,
    errorShare: counted < REQUESTS_MIN.share ? null : bad / counted,
    p50Ms: counted < REQUESTS_MIN.p50 ? null : finite(latency, 0.5),
    p99Ms: counted < REQUESTS_MIN.p99 ? null : finite(latency, 0.99),
  };
}

function finite(latency: Histogram, share: number): number | null {
  const value = quantile(latency, share);
  return value === null || !Number.isFinite(value) ? null : value;
}
