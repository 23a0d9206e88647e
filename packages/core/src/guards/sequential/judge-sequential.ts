// The verdict of a sequential guard: broken on enough evidence of harm, passed on enough evidence against it, and
// waiting in between.

import { distinctCount } from "../../distinct.ts";
import type { Evidence } from "../../evidence/evidence.ts";
import { placeOf } from "../../rollout/phase.ts";
import type { Rollout } from "../../rollout/rollout.ts";
import type { TwoArms } from "../../statistics/ratio-e.ts";
import { compare } from "../comparison.ts";
import { shareOf } from "../event-difference.ts";
import { isPrimary, type LatencyMetric, type SequentialGuard, turnsBack } from "../guard.ts";
import { CONFIDENCE } from "../interval.ts";
import { measureLatency } from "../latency-ratio.ts";
import { unitOf } from "../metric-text.ts";
import { type ArmMeasure, holdsStage, type Verdict } from "../verdict.ts";
import { findingOf } from "./finding.ts";
import type { Finding } from "./finding-outcome.ts";
import { findingText } from "./finding-text.ts";
import { plannedTicks } from "./gather.ts";
import { emptyGuardEvidence, type GuardEvidence } from "./guard-evidence.ts";
import { differenceMinOf, marginPlaceOf, ratioMaxOf } from "./hypothesis.ts";
import { unevenText } from "./lost-scores.ts";
import { meanOf } from "./means.ts";

export function judgeSequential(
  guard: SequentialGuard,
  rollout: Rollout,
  evidence: Evidence,
): Verdict {
  const own = evidenceOf(guard, rollout, evidence);
  const finding = foundIn(guard, rollout, own);
  const arms = measured(guard, rollout, evidence, own);
  const counted = statusOf(guard, own, finding, differenceOf(guard, own, finding, arms));
  const uneven = counted === "fail" ? null : unevenText(guard, own.lost);
  const status = uneven === null ? counted : "wait";
  const { comparison } = guard;
  const shown = {
    status,
    unit: unitOf(guard.metric),
    comparison: comparison.kind,
    limit: comparison.kind === "limit" ? comparison.max : ratioMaxOf(guard),
    ...arms,
  };
  const caution = cautionOf(evidence);
  return {
    guard: guard.id,
    // One sick server is no reason to take everybody off the version.
    action: finding.replica !== null && turnsBack(guard) ? "block" : guard.action,
    holds: holdsStage(guard) || (uneven !== null && guard.action !== "warn"),
    measured: comparison.kind === "limit" ? arms.candidate.value : ratioOf(arms),
    ...shown,
    interval: { low: finding.low, high: finding.high, confidence: CONFIDENCE, always: true },
    text: `${findingText(guard, { finding, ...shown }, own)}${uneven === null ? "" : `, but ${uneven}`}`,
    finding,
    ...(caution === null ? {} : { caution }),
  };
}

/** Of the evidence that was looked at last: many ticks say nothing of what few requests tell. */
const FOUND = new WeakMap<
  GuardEvidence,
  { readonly rollout: Rollout; readonly finding: Finding }
>();

function foundIn(guard: SequentialGuard, rollout: Rollout, own: GuardEvidence): Finding {
  const known = FOUND.get(own);
  if (known?.rollout === rollout) return known.finding;
  const { phase, policy } = rollout;
  const place = marginPlaceOf(placeOf(phase) ?? 0, policy);
  const finding = findingOf(guard, own, policy, plannedTicks(policy), place);
  FOUND.set(own, { rollout, finding });
  return finding;
}

/** After a step back, evidence is gathered afresh. */
function evidenceOf(guard: SequentialGuard, rollout: Rollout, evidence: Evidence): GuardEvidence {
  const own = evidence.evidenceFrom === rollout.evidenceFrom ? evidence.tests[guard.id] : undefined;
  return own ?? emptyGuardEvidence(guard);
}

type Arms = Pick<Verdict, "candidate" | "stable" | "baseline">;

/** Latencies and counts are those of the window; means, and what came too seldom for one, are of all evidence. */
function measured(
  guard: SequentialGuard,
  rollout: Rollout,
  evidence: Evidence,
  own: GuardEvidence,
): Arms {
  const { metric } = guard;
  const compared = compare(guard, rollout, evidence);
  const { baseline } = compared;
  if (own.means !== null) {
    const arm = (name: "candidate" | "stable"): ArmMeasure => {
      const moments = own.means?.[name] ?? { n: 0, sum: 0, squares: 0 };
      return { value: meanOf(moments), over: false, n: moments.n };
    };
    return { candidate: arm("candidate"), stable: arm("stable"), baseline };
  }
  if (metric.kind === "latency") {
    const arm = (sum: typeof compared.candidate): ArmMeasure => latencyMeasure(metric, sum);
    return { candidate: arm(compared.candidate), stable: arm(compared.stable), baseline };
  }
  const recent = recentCounts(own);
  const arm = (name: "candidate" | "stable"): ArmMeasure =>
    shareOf(recent[name].n > 0 ? recent[name] : own.pooled.counts[name]);
  return { candidate: arm("candidate"), stable: arm("stable"), baseline };
}

function latencyMeasure(
  { time, quantile }: LatencyMetric,
  sum: ReturnType<typeof compare>["stable"],
): ArmMeasure {
  return measureLatency(quantile, sum.latency[time]);
}

function recentCounts({ recent }: GuardEvidence): TwoArms {
  const sum = { candidate: { n: 0, bad: 0 }, stable: { n: 0, bad: 0 } };
  for (const { candidate, stable } of recent) {
    sum.candidate.n += candidate.n;
    sum.candidate.bad += candidate.bad;
    sum.stable.n += stable.n;
    sum.stable.bad += stable.bad;
  }
  return sum;
}

/** Null where no ratio can be told. */
function ratioOf({ candidate, stable }: Arms): number | null {
  if (candidate.value === null || stable.value === null || stable.value === 0) return null;
  return candidate.value / stable.value;
}

/**
 * How much higher the candidate lies: in the window, in all evidence, or in the segment that stands out. What begins late
 * shows in the window first; in a window of few answers chance would let go again of what has been shown.
 */
function differenceOf(
  { metric }: SequentialGuard,
  { pooled, segments }: GuardEvidence,
  { segment }: Finding,
  { candidate, stable }: Arms,
): number {
  if (metric.kind === "latency") return Number.POSITIVE_INFINITY;
  const lately = (candidate.value ?? 0) - (stable.value ?? 0);
  const one = segment === null ? undefined : segments[segment];
  const ofOne = one === undefined ? 0 : rateDifference(one.counts);
  return Math.max(lately, rateDifference(pooled.counts), ofOne);
}

function rateDifference({ candidate, stable }: TwoArms): number {
  return candidate.bad / Math.max(1, candidate.n) - stable.bad / Math.max(1, stable.n);
}

/**
 * Only what turns a rollout back, and what every request tells, must be excluded before it goes on; of what holds or
 * warns, and of what users may say or not, it is enough that it is silent.
 */
function statusOf(
  guard: SequentialGuard,
  { ticks }: GuardEvidence,
  { logE, logNeeded, going, late }: Finding,
  difference: number,
): Verdict["status"] {
  const isLimit = guard.comparison.kind === "limit";
  const differenceMin = isLimit ? Number.NEGATIVE_INFINITY : differenceMinOf(guard);
  if (logE >= logNeeded && difference >= differenceMin) return "fail";
  const mustPass = turnsBack(guard) && isPrimary(guard);
  // Nothing is completed while it may be the version that is worse than the record.
  const isOpen = late?.open === true;
  if (mustPass ? !isOpen && going.logE >= going.logNeeded : ticks > 0) return "pass";
  return "wait";
}

/** With fewer, one user's luck is the version's. */
const USERS_MIN = 100;

function cautionOf({ candidateUsers }: Evidence): string | null {
  const count = distinctCount(candidateUsers);
  if (count === 0 || count >= USERS_MIN) return null;
  return `only about ${count} users on the candidate so far: what befalls a few of them weighs much`;
}
