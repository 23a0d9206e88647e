// The traffic that a plan is made for: how much of it there is, how often it fails, how long it takes, and in which
// segments it comes. Taken from evidence, or made up from a few figures.

import { badOf, countedOf, type EvidenceRow, isCompared, KEY_BUCKETS } from "../evidence/row.ts";
import type { Tick } from "../evidence/tick.ts";
import type { LatencyTime } from "../guards/guard.ts";
import {
  BIN_MAX,
  BIN_MIN,
  binOf,
  countOf,
  emptyHistogram,
  GAMMA,
  type Histogram,
  mergeInto,
} from "../histogram.ts";
import { normalBelow } from "../statistics/normal.ts";

export type SegmentTraffic = {
  readonly segment: string;
  /** Part of all requests, in (0, 1]. */
  readonly share: number;
  readonly errorRate: number;
};

export type Traffic = {
  /** Requests that say something about their version, of all users together. */
  readonly perMinute: number;
  /** Judged requests that the other figures rest on; null where they were given by hand. */
  readonly requests: number | null;
  /** Share of requests that fail on the version that users have now. */
  readonly errorRate: number;
  /** How long that version takes; null where it is not known. */
  readonly latency: { readonly [metric in LatencyTime]: Histogram | null };
  /** The largest first. */
  readonly segments: readonly SegmentTraffic[];
  /** Requests and failures by key bucket, which say how much users differ; null where they are not known. */
  readonly buckets: {
    readonly arrivals: readonly number[];
    readonly bad: readonly number[];
  } | null;
};

/** A version is judged by `arm`; how much traffic there is, by both arms. Null where nobody was judged. */
export function trafficOf(
  ticks: readonly Pick<Tick, "rows">[],
  tickMs: number,
  arm: EvidenceRow["arm"],
): Traffic | null {
  const all = ticks.flatMap((tick) => tick.rows.filter(isSeen));
  const rows = all.filter((row) => row.arm === arm);
  const own = sumOf(rows);
  const n = all.reduce((sum, row) => sum + countedOf(row), 0);
  if (own.counted === 0 || ticks.length === 0) return null;
  return {
    perMinute: n / ((ticks.length * tickMs) / 60_000),
    requests: own.counted,
    errorRate: own.bad / own.counted,
    latency: {
      total: latencyOf(rows, "total"),
      ttft: latencyOf(rows, "ttft"),
      tpot: latencyOf(rows, "tpot"),
    },
    segments: segmentsOf(rows, own.counted),
    buckets: bucketsOf(rows),
  };
}

/** As guards see it: what mirrors answered reached nobody, and who was left out is not compared. */
function isSeen(row: EvidenceRow): boolean {
  return (row.arm === "stable" || row.arm === "candidate") && isCompared(row);
}

function sumOf(rows: readonly EvidenceRow[]): { counted: number; bad: number } {
  return {
    counted: rows.reduce((sum, row) => sum + countedOf(row), 0),
    bad: rows.reduce((sum, row) => sum + badOf(row), 0),
  };
}

function latencyOf(rows: readonly EvidenceRow[], metric: LatencyTime): Histogram | null {
  const sum = emptyHistogram();
  for (const row of rows) mergeInto(sum, row.latency[metric]);
  return countOf(sum) === 0 ? null : sum;
}

function segmentsOf(rows: readonly EvidenceRow[], counted: number): readonly SegmentTraffic[] {
  return [...new Set(rows.map(({ segment }) => segment))]
    .map((segment) => ({ segment, ...sumOf(rows.filter((row) => row.segment === segment)) }))
    .filter((one) => one.counted > 0)
    .map(({ segment, counted: own, bad }) => ({
      segment,
      share: own / counted,
      errorRate: bad / own,
    }))
    .sort((a, b) => b.share - a.share || (a.segment < b.segment ? -1 : 1));
}

function bucketsOf(rows: readonly EvidenceRow[]): NonNullable<Traffic["buckets"]> {
  const summed = (of: "arrivals" | "bad"): readonly number[] =>
    Array.from({ length: KEY_BUCKETS }, (_, bucket) =>
      rows.reduce((sum, row) => sum + (row.buckets[of][bucket] ?? 0), 0),
    );
  return { arrivals: summed("arrivals"), bad: summed("bad") };
}

/** Requests that a made-up histogram stands for: enough for its far tail. */
const MADE_UP_REQUESTS = 10_000_000;
/** Quantile of the standard normal at 99%. */
const Z_P99 = 2.326_347_874;

/** A histogram of log-normal latencies with these quantiles. `p99Ms` above `p50Ms`, both above zero. */
export function logNormalLatency(p50Ms: number, p99Ms: number): Histogram {
  const sigma = Math.max(1e-3, Math.log(p99Ms / p50Ms) / Z_P99);
  const histogram = emptyHistogram();
  const below = (bin: number): number =>
    normalBelow((bin * Math.log(GAMMA) - Math.log(p50Ms)) / sigma);
  const reach = Math.ceil((7 * sigma) / Math.log(GAMMA));
  const middle = binOf(p50Ms);
  histogram.first = Math.max(BIN_MIN, middle - reach);
  const last = Math.min(BIN_MAX, middle + reach);
  for (let bin = histogram.first; bin <= last; bin++) {
    histogram.counts.push(Math.round(MADE_UP_REQUESTS * (below(bin) - below(bin - 1))));
  }
  return histogram;
}
