// A mirror as people see it: how much of the traffic it covered, and both sides of the same requests.

import { eligibleOf, isBad, type MirrorSide, OUTCOMES, quantile } from "@slipway/core";
import type { MirrorSideView, MirrorView } from "@slipway/wire";
import type { MirrorRecord } from "../world.ts";

export function mirrorView(model: string, record: MirrorRecord): MirrorView {
  const { order, startedAtMs, startedBy, reason, stopped, seen } = record;
  const { requests, ineligible, sampled, sent, dropped } = seen;
  return {
    ...order,
    model,
    startedAtMs,
    startedBy,
    reason,
    stopped,
    coverage: { requests, eligible: eligibleOf(seen), ineligible, sampled, sent, dropped },
    shadow: sideView(seen.shadow),
    primary: sideView(seen.primary),
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
    ttftP50Ms: quantile(latency.ttft, 0.5),
    ttftP99Ms: quantile(latency.ttft, 0.99),
    outputTokens: tokens.output,
  };
}
