// What must hold before a stage may be left forwards, each with how far it has come.

import { SLOTS } from "../assign.ts";
import type { Evidence } from "../evidence/evidence.ts";
import type { Verdict } from "../guards/verdict.ts";
import { durationText, percentText } from "../quantity.ts";
import { candidateSlotsOf, type Rollout } from "./rollout.ts";

export type Requirement = {
  /** Stable code. */
  readonly code: "confirmed" | "hold" | "requests" | "fresh" | "share" | "guard";
  readonly met: boolean;
  /** Progress in [0, 1]. */
  readonly progress: number;
  /** What is missing, or what holds. */
  readonly text: string;
};

/** Evidence may be this much older than its horizon before it counts as late. */
const LATE_MIN_MS = 5_000;
const LATE_TICKS = 3;

export function requirementsOf(
  rollout: Rollout,
  evidence: Evidence,
  verdicts: readonly Verdict[],
  nowMs: number,
): readonly Requirement[] {
  const { phase, policy } = rollout;
  if (phase.kind === "preflight") return [];
  if (phase.kind !== "stage" && phase.kind !== "bake") return [];
  const stage = phase.kind === "stage" ? policy.stages[phase.stage] : undefined;
  const holdMs = stage?.holdMs ?? policy.bakeMs;
  return [
    confirmed(phase.confirmedAtMs),
    hold(phase.confirmedAtMs, holdMs, nowMs),
    requests(evidence, stage?.minRequests ?? 0),
    fresh(rollout, evidence, nowMs),
    share(rollout, evidence, stage?.minRequests ?? 0),
    ...verdicts.map(guard),
  ];
}

function requirement(
  code: Requirement["code"],
  met: boolean,
  progress: number,
  text: string,
): Requirement {
  return { code, met, progress: Math.min(1, Math.max(0, progress)), text };
}

function confirmed(atMs: number | null): Requirement {
  return atMs === null
    ? requirement("confirmed", false, 0, "waiting for every gateway to confirm this stage")
    : requirement("confirmed", true, 1, "every gateway has confirmed this stage");
}

function hold(confirmedAtMs: number | null, holdMs: number, nowMs: number): Requirement {
  const heldMs = confirmedAtMs === null ? 0 : Math.max(0, nowMs - confirmedAtMs);
  return requirement(
    "hold",
    heldMs >= holdMs && confirmedAtMs !== null,
    holdMs === 0 ? 1 : heldMs / holdMs,
    `held ${durationText(Math.min(heldMs, holdMs))} of ${durationText(holdMs)}`,
  );
}

function requests(evidence: Evidence, needed: number): Requirement {
  const have = evidence.stage.candidateCounted;
  return requirement(
    "requests",
    have >= needed,
    needed === 0 ? 1 : have / needed,
    `${have} of ${needed} candidate requests judged`,
  );
}

function fresh(rollout: Rollout, evidence: Evidence, nowMs: number): Requirement {
  const { tickMs, horizonMs } = rollout.policy.evidence;
  const allowedMs = horizonMs + Math.max(LATE_MIN_MS, LATE_TICKS * tickMs);
  if (evidence.endMs === null) return requirement("fresh", false, 0, "no mature evidence yet");
  const ageMs = nowMs - evidence.endMs;
  return requirement(
    "fresh",
    ageMs <= allowedMs,
    ageMs <= allowedMs ? 1 : 0,
    `newest mature evidence is ${durationText(Math.max(0, ageMs))} old (at most ${durationText(allowedMs)})`,
  );
}

function share(rollout: Rollout, evidence: Evidence, needed: number): Requirement {
  const wanted = candidateSlotsOf(rollout.phase, rollout.policy) / SLOTS;
  const { candidateArrivals, stableArrivals } = evidence.stage;
  const total = candidateArrivals + stableArrivals;
  if (total === 0 || candidateArrivals < needed) {
    return requirement("share", needed === 0, 0, "too few requests to tell the actual share");
  }
  const actual = candidateArrivals / total;
  return requirement(
    "share",
    Math.abs(actual - wanted) <= rollout.policy.shareTolerance * wanted,
    1,
    `candidate gets ${percentText(actual)} of requests, the stage says ${percentText(wanted)}`,
  );
}

function guard(verdict: Verdict): Requirement {
  const met = verdict.status === "pass";
  return requirement("guard", met, met ? 1 : 0, `${verdict.guard}: ${verdict.text}`);
}
