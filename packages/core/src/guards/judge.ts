// judge(guard, rollout, evidence): what one guard says about the evidence at hand.

import type { Evidence } from "../evidence/evidence.ts";
import type { Guard, Policy } from "../policy.ts";
import type { Rollout } from "../rollout/rollout.ts";
import { compare, missingIn } from "./comparison.ts";
import { judgeErrors } from "./error-difference.ts";
import { judgeLatency } from "./latency-ratio.ts";
import type { Verdict } from "./verdict.ts";

export function judge(guard: Guard, rollout: Rollout, evidence: Evidence): Verdict {
  const comparison = compare(guard, rollout, evidence);
  const verdict =
    guard.kind === "latency-ratio"
      ? judgeLatency(guard, comparison, overMsOf(rollout.policy))
      : judgeErrors(guard, comparison);
  const missing = missingIn(guard, rollout, evidence);
  if (verdict.status !== "pass" || missing.length === 0) return verdict;
  return { ...verdict, status: "wait", text: `${verdict.text}, but without ${missing.join(", ")}` };
}

/** A request counts as over every limit once it has been open for so long. */
function overMsOf({ evidence, deadlineMs }: Policy): number {
  return Math.min(evidence.horizonMs, deadlineMs);
}
