// A metric and its values in words, the same on every surface.

import { durationText, moneyText, percentText, tokensText } from "../quantity.ts";
import type { EventName, LatencyMetric, Metric } from "./guard.ts";

/** What a metric's values are measured in. */
export type Unit = "ms" | "share" | "tokens" | "dollars";

const EVENT_NAMES: { readonly [event in EventName]: string } = {
  errors: "error",
  incompatible: "incompatibility",
  "rate-limited": "rate limit",
  truncated: "truncation",
  timeouts: "timeout",
  "server-errors": "server error",
  invalid: "invalid answer",
  refusals: "refusal",
  empty: "empty answer",
  "cut-off": "cut-off",
  acceptance: "rejection",
  rating: "thumbs-down",
  crashes: "client crash",
};

const MEAN_NAMES = {
  "input-tokens": "input tokens",
  "output-tokens": "output tokens",
  cost: "cost",
} as const;

/** What stands before "ratio", "rate" or "mean": "error", "P99 latency", "output tokens". */
export function metricName(metric: Metric): string {
  switch (metric.kind) {
    case "latency":
      return quantileName(metric);
    case "events":
      return EVENT_NAMES[metric.event];
    case "memory":
      return `client memory over ${tokensText(metric.mibMax)} MiB`;
    case "score":
      return metric.score;
    default:
      return MEAN_NAMES[metric.of];
  }
}

/** "P99 latency". */
export function quantileName({ time, quantile, byLength }: LatencyMetric): string {
  const name = { total: "latency", ttft: "TTFT", tpot: "TPOT" }[time];
  const alike = byLength && time !== "ttft" ? " at like length" : "";
  return `P${Math.round(quantile * 10_000) / 100} ${name}${alike}`;
}

export function unitOf(metric: Metric): Unit {
  if (metric.kind === "latency") return "ms";
  if (metric.kind !== "mean") return "share";
  return metric.of === "cost" ? "dollars" : "tokens";
}

export function valueText(unit: Unit, value: number): string {
  switch (unit) {
    case "ms":
      return durationText(value);
    case "share":
      return percentText(value);
    case "dollars":
      return moneyText(value);
    default:
      return tokensText(value);
  }
}
