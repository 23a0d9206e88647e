// What a forecast says: latencies, quotas and a verdict, or why it cannot tell.

import type { LatencyTime } from "../guards/guard.ts";
import type { QuotaForecast } from "./quota.ts";

/** Raised when the same evidence gives another forecast than before. */
export const LOAD_MODEL = 3;

export type LatencyForecast = {
  /** The guard whose limit it is held against; null where the policy has none for latency. */
  readonly guard: string | null;
  readonly metric: LatencyTime;
  readonly quantile: number;
  /** Widened by what earlier forecasts were off; null where no number can be said. */
  readonly lowMs: number | null;
  readonly medianMs: number | null;
  readonly highMs: number | null;
  /** Beyond the knee, where no number can be said: it is longer than this, which it is at the knee. Null otherwise. */
  readonly floorMs: number | null;
  /** As measured in the ticks that it rests on. */
  readonly nowMs: number | null;
  readonly stableMs: number | null;
  /** What the guard allows, by stable as it is now. */
  readonly limitMs: number | null;
};

/** Why nothing can be said, or less than a number. */
export type Doubt = "few-samples" | "replicas" | "misfit" | "elastic" | "unlike-scale" | "failed";

export type Forecast = {
  readonly model: number;
  /** The stage that it is of, by its index, and its share. */
  readonly stage: number;
  readonly percent: number;
  /** The table of the stage that it was made in. */
  readonly table: number;
  /** The first and the last tick that it rests on. */
  readonly ticks: { readonly from: number; readonly to: number };
  /** What the numbers come from: a fitted engine, the scalability law, a provider's limits, or nothing. */
  readonly basis: "engine" | "scalability" | "quota" | "none";
  /** Requests a second at each replica, now and in that stage. */
  readonly load: { readonly replicas: number; readonly now: number; readonly next: number } | null;
  /** Requests a second that a replica can serve, and if its caches kept only what all prompts share. */
  readonly capacity: { readonly perSecond: number; readonly cold: number | null } | null;
  readonly beyondKnee: boolean;
  readonly latency: readonly LatencyForecast[];
  readonly quotas: readonly QuotaForecast[];
  /** What the interval was widened by, and how many scored forecasts say so. */
  readonly widened: { readonly factor: number; readonly scores: number };
  readonly verdict: "pass" | "fail" | "unknown";
  /** Whether one of the readings that are left open goes over a limit. */
  readonly risky: boolean;
  readonly doubt: Doubt | null;
  readonly text: string;
};
