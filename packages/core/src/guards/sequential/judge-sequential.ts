// The verdict of a sequential guard: broken on enough evidence of harm, passed on enough evidence against it, and
// waiting in between.

import type { Evidence } from "../../evidence/evidence.ts";
import type { ArmSum } from "../../evidence/window.ts";
import type { SequentialGuard } from "../../policy.ts";
import { placeOf, type Rollout } from "../../rollout/rollout.ts";
import { compare } from "../comparison.ts";
import { measureErrors } from "../error-difference.ts";
import { CONFIDENCE } from "../interval.ts";
import { measureLatency } from "../latency-ratio.ts";
import type { ArmMeasure, Verdict } from "../verdict.ts";
import { type Finding, findingOf } from "./finding.ts";
import { findingText } from "./finding-text.ts";
import { plannedTicks } from "./gather.ts";
import { type AlarmEvidence, emptyGuardEvidence, type GuardEvidence } from "./guard-evidence.ts";

export function judgeSequential(
  guard: SequentialGuard,
  rollout: Rollout,
  evidence: Evidence,
): Verdict {
  const { policy } = rollout;
  const own = evidenceOf(guard, rollout, evidence);
  const finding = findingOf(guard, own, policy, plannedTicks(policy), placeOf(rollout.phase) ?? 0);
  const comparison = compare(guard, rollout, evidence);
  const candidate = measure(guard, comparison.candidate);
  const stable = measure(guard, comparison.stable);
  const difference = differenceOf(guard, own, finding, { candidate, stable });
  const status = statusOf(guard, own, finding, difference);
  const shown = { candidate, stable, baseline: comparison.baseline };
  return {
    guard: guard.id,
    kind: guard.kind,
    status,
    measured: ratioOf(candidate, stable),
    limit: guard.ratioMax,
    ...shown,
    interval: { low: finding.low, high: finding.high, confidence: CONFIDENCE, always: true },
    text: findingText(guard, { finding, status, difference, ticks: own.ticks, ...shown }),
    finding,
  };
}

/** After a step back, evidence is gathered afresh. */
function evidenceOf(guard: SequentialGuard, rollout: Rollout, evidence: Evidence): GuardEvidence {
  const own = evidence.evidenceFrom === rollout.evidenceFrom ? evidence.tests[guard.id] : undefined;
  return own ?? emptyGuardEvidence(guard);
}

function measure(guard: SequentialGuard, sum: ArmSum): ArmMeasure {
  return guard.kind === "error-ratio"
    ? measureErrors(sum)
    : measureLatency(guard.quantile, sum.latency[guard.metric]);
}

/** Null where no ratio can be told. */
function ratioOf(candidate: ArmMeasure, stable: ArmMeasure): number | null {
  if (candidate.value === null || stable.value === null || stable.value === 0) return null;
  return candidate.value / stable.value;
}

/** How many more of the candidate's requests fail, in the window, or in the segment that stands out. */
function differenceOf(
  guard: SequentialGuard,
  { segments }: GuardEvidence,
  { segment }: Finding,
  { candidate, stable }: Pick<Verdict, "candidate" | "stable">,
): number {
  if (guard.kind === "latency-exceedance") return Number.POSITIVE_INFINITY;
  const all = (candidate.value ?? 0) - (stable.value ?? 0);
  const one = segment === null ? undefined : segments[segment];
  return Math.max(all, one === undefined ? 0 : rateDifference(one));
}

function rateDifference({ counts: { candidate, stable } }: AlarmEvidence): number {
  return candidate.bad / Math.max(1, candidate.n) - stable.bad / Math.max(1, stable.n);
}

/** Only what turns a rollout back must be excluded before it goes on; what holds or warns need only be silent. */
function statusOf(
  guard: SequentialGuard,
  { ticks }: GuardEvidence,
  { logE, logNeeded, going }: Finding,
  difference: number,
): Verdict["status"] {
  const differenceMin = guard.kind === "error-ratio" ? guard.differenceMin : 0;
  if (logE >= logNeeded && difference >= differenceMin) return "fail";
  const isPrimary = guard.action === "roll-back" || guard.action === "step-back";
  if (isPrimary ? going.logE >= going.logNeeded : ticks > 0) return "pass";
  return "wait";
}
