// judge(guard, rollout, evidence): what one guard says about the evidence at hand.

import type { Evidence } from "../evidence/evidence.ts";
import type { Policy } from "../policy.ts";
import type { Rollout } from "../rollout/rollout.ts";
import { compare, missingIn } from "./comparison.ts";
import { judgeDifference } from "./event-difference.ts";
import { type Guard, isSequential } from "./guard.ts";
import { judgeLatency } from "./latency-ratio.ts";
import { judgeSequential } from "./sequential/judge-sequential.ts";
import type { Verdict } from "./verdict.ts";

export function judge(guard: Guard, rollout: Rollout, evidence: Evidence): Verdict {
  const verdict = judged(guard, rollout, evidence);
  if (verdict.status !== "pass") return verdict;
  const missing = missingIn(guard, rollout, evidence);
  if (missing.length === 0) return verdict;
  return { ...verdict, status: "wait", text: `${verdict.text}, but without ${missing.join(", ")}` };
}

function judged(guard: Guard, rollout: Rollout, evidence: Evidence): Verdict {
  if (isSequential(guard)) return judgeSequential(guard, rollout, evidence);
  const comparison = compare(guard, rollout, evidence);
  const { metric } = guard;
  return metric.kind === "latency"
    ? judgeLatency({ ...guard, metric }, comparison, overMsOf(rollout.policy))
    : judgeDifference({ ...guard, metric }, comparison);
}

/** A request counts as over every limit once it has been open for so long. */
function overMsOf({ evidence, deadlineMs }: Policy): number {
  return Math.min(evidence.horizonMs, deadlineMs);
}
