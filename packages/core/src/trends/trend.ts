// A trend: what a policy watches for slow growth, and what is known of it. What grows by a little every minute breaks no
// guard in a stage of minutes, and everything in a week.

import type { GuardAction } from "../guards/guard.ts";
import type { Histogram } from "../histogram.ts";

/** `client-memory`: what clients say they use, in MiB. The others: time of an answer, in milliseconds. */
export const TREND_METRICS = ["client-memory", "latency", "ttft"] as const;
export type TrendMetric = (typeof TREND_METRICS)[number];

type TrendBase = {
  /** Unique within the policy. */
  readonly id: string;
  readonly action: GuardAction;
  /** Breaks when the limit would be reached within this time. */
  readonly uptimeMs: number;
};

export type Trend = TrendBase &
  (
    | { readonly metric: "client-memory"; readonly limitMiB: number }
    | {
        readonly metric: "latency" | "ttft";
        /** The limit is this many times stable's, at the same time. */
        readonly ratioMax: number;
      }
  );

/** Each point is the median of all that was measured in so long. */
export const SLOT_MS = 600_000;

/** How many slots have passed at each look. */
export const LOOK_SLOTS: readonly number[] = [6, 12, 24, 48, 96];

/** Medians of both arms in one slot; null where an arm has too few values. */
export type TrendPoint = {
  readonly slot: number;
  readonly candidate: number;
  readonly stable: number | null;
};

/** What one look found. Slopes in units of the metric an hour. */
export type TrendLook = {
  /** End of the last slot that it looked at, milliseconds since the epoch. */
  readonly atMs: number;
  /** How long the series was by then; the last half of it is what was tested. */
  readonly lengthMs: number;
  readonly points: number;
  /** `stable`: it is the difference to stable that was tested; `alone`: the candidate by itself. */
  readonly against: "stable" | "alone";
  readonly z: number;
  readonly slope: number;
  /** 95% interval; null where too few points bound it. */
  readonly low: number | null;
  readonly high: number | null;
  /** Natural log of the chance of such growth where there is none, and what it must be below. */
  readonly logChance: number;
  readonly logNeeded: number;
  /** Growth that would have been found with one chance in two; null while none would. */
  readonly seen: number | null;
  readonly current: number;
  readonly limit: number;
  /** Until the limit, at the upper end of the slope's interval; null where it does not grow. */
  readonly exhaustionMs: number | null;
  readonly isBroken: boolean;
};

export type TrendSeries = {
  /** Finished slots that had values, at most as many as the last look asks for. */
  readonly points: readonly TrendPoint[];
  /** The slot that is being filled. */
  readonly open: {
    readonly slot: number;
    readonly candidate: Histogram;
    readonly stable: Histogram;
  };
  /** The latest look that had enough points; null for none yet. */
  readonly look: TrendLook | null;
};

export type TrendsEvidence = {
  /** The number of the table that began the stage: another share is another load, and another level. */
  readonly stageTable: number;
  /** Start of the first slot, milliseconds since the epoch; null before the first request of the stage. */
  readonly startMs: number | null;
  readonly series: { readonly [trend: string]: TrendSeries };
};

export function emptyTrends(stageTable: number): TrendsEvidence {
  return { stageTable, startMs: null, series: {} };
}
