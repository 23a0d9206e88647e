// guardsFor(guards, from, to): the guards of one rollout. What its candidate declares that it will change is judged by
// what it declares, and cost by what both versions ask for their tokens.

import type { Version } from "../model.ts";
import type { ArmPrices, Guard, GuardComparison, Metric } from "./guard.ts";

type Versions = { readonly from: Version; readonly to: Version };

export function guardsFor(guards: readonly Guard[], versions: Versions): readonly Guard[] {
  return guards.map((guard) => guardFor(guard, versions));
}

function guardFor(guard: Guard, { from, to }: Versions): Guard {
  const declared = declaredOf(guard.metric, to);
  if (guard.test === "threshold") {
    if (declared === null) return guard;
    return { ...guard, comparison: bounded(guard.comparison, declared), declared: true };
  }
  const metric = metricFor(guard.metric, { from, to });
  if (declared === null || guard.comparison.kind !== "ratio") return { ...guard, metric };
  const comparison = { ...guard.comparison, ratioMax: declared };
  return { ...guard, metric, comparison, declared: true };
}

function bounded(comparison: GuardComparison, ratioMax: number): GuardComparison {
  return comparison.kind === "ratio" ? { ...comparison, ratioMax } : comparison;
}

/** Null where it declares nothing. */
function declaredOf(metric: Metric, { expect }: Version): number | null {
  if (metric.kind === "mean") return expect?.[metric.of] ?? null;
  if (metric.kind !== "latency") return null;
  return expect?.[metric.time === "total" ? "latency" : metric.time] ?? null;
}

/** A version that is meant to say more is compared with answers of the same length. */
function metricFor(metric: Metric, { from, to }: Versions): Metric {
  if (metric.kind === "latency") {
    const saysMore = (to.expect?.["output-tokens"] ?? 1) > 1 && metric.time !== "ttft";
    return saysMore ? { ...metric, byLength: true } : metric;
  }
  return metric.kind === "mean" && metric.of === "cost"
    ? { ...metric, prices: pricesOf(from, to) }
    : metric;
}

function pricesOf(from: Version, to: Version): ArmPrices | null {
  if (from.prices === undefined || to.prices === undefined) return null;
  return { stable: from.prices, candidate: to.prices };
}
