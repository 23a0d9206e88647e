// standingOf(guard, rollout, evidence): what one guard says about the evidence at hand.

import type { Evidence } from "../evidence/evidence.ts";
import type { Policy } from "../policy.ts";
import type { Rollout } from "../rollout/rollout.ts";
import { compare, missingIn } from "./comparison.ts";
import { judgeDifference } from "./event-difference.ts";
import { type Guard, isSequential } from "./guard.ts";
import { judgeLatency } from "./latency-ratio.ts";
import { sequentialStanding } from "./sequential/judge-sequential.ts";
import { type Standing, standingAs } from "./verdict.ts";

export function standingOf(guard: Guard, rollout: Rollout, evidence: Evidence): Standing {
  const standing = judged(guard, rollout, evidence);
  if (standing.status !== "pass") return standing;
  const missing = missingIn(guard, rollout, evidence);
  if (missing.length === 0) return standing;
  return {
    ...standing,
    status: "wait",
    verdict: () => {
      const verdict = standing.verdict();
      const text = `${verdict.text}, but without ${missing.join(", ")}`;
      return { ...verdict, status: "wait", text };
    },
  };
}

function judged(guard: Guard, rollout: Rollout, evidence: Evidence): Standing {
  if (isSequential(guard)) return sequentialStanding(guard, rollout, evidence);
  const comparison = compare(guard, rollout, evidence);
  const { metric } = guard;
  return standingAs(
    metric.kind === "latency"
      ? judgeLatency({ ...guard, metric }, comparison, overMsOf(rollout.policy))
      : judgeDifference({ ...guard, metric }, comparison),
  );
}

/** A request counts as over every limit once it has been open for so long. */
function overMsOf({ evidence, deadlineMs }: Policy): number {
  return Math.min(evidence.horizonMs, deadlineMs);
}
