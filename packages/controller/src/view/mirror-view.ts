// A mirror as people see it: how much of the traffic it covered, and both sides of the same requests.

import {
  eligibleOf,
  isBad,
  type MirrorSide,
  OUTCOMES,
  type QuantileBounds,
  quantile,
  quantileBounds,
} from "@slipway/core";
import type { MirrorSideView, MirrorView } from "@slipway/wire";
import type { MirrorRecord } from "../world/world.ts";

/** Of the interval of a P99, at each end. */
const TAIL = 0.05;

export function mirrorView(model: string, record: MirrorRecord): MirrorView {
  const { order, startedAtMs, endsAtMs = null, startedBy, reason, stopped, seen } = record;
  const { requests, ineligible, sampled, sent, dropped } = seen;
  return {
    ...order,
    model,
    startedAtMs,
    endsAtMs,
    startedBy,
    reason,
    stopped,
    coverage: { requests, eligible: eligibleOf(seen), ineligible, sampled, sent, dropped },
    shadow: sideView(seen.shadow),
    primary: sideView(seen.primary),
    stableAgain: sideView(seen.again),
  };
}

function sideView({ outcomes, latency, tokens }: MirrorSide): MirrorSideView {
  const count = (wanted: (outcome: (typeof OUTCOMES)[number]) => boolean): number =>
    OUTCOMES.reduce((sum, o) => sum + (wanted(o) ? (outcomes[o] ?? 0) : 0), 0);
  return {
    judged: count(() => true),
    bad: count(isBad),
    outcomes,
    p50Ms: quantile(latency.total, 0.5),
    p99Ms: quantile(latency.total, 0.99),
    p99Bounds: boundsView(quantileBounds(latency.total, 0.99, TAIL)),
    ttftP50Ms: quantile(latency.ttft, 0.5),
    ttftP99Ms: quantile(latency.ttft, 0.99),
    inputTokens: tokens.input,
    outputTokens: tokens.output,
  };
}

function boundsView(bounds: QuantileBounds | null): MirrorSideView["p99Bounds"] {
  if (bounds === null) return null;
  return { lowMs: bounds.low, highMs: Number.isFinite(bounds.high) ? bounds.high : null };
}
