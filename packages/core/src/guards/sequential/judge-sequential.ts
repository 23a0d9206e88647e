// How a sequential guard stands: broken on enough evidence of harm, passed on enough evidence against it, and
// waiting in between.

import { distinctCount } from "../../distinct.ts";
import { type Evidence, MANY_USERS } from "../../evidence/evidence.ts";
import { placeOf } from "../../rollout/phase.ts";
import type { Rollout } from "../../rollout/rollout.ts";
import type { TwoArms } from "../../statistics/ratio-e.ts";
import { compare } from "../comparison.ts";
import { shareOf } from "../event-difference.ts";
import { isPrimary, type LatencyMetric, type SequentialGuard, turnsBack } from "../guard.ts";
import { CONFIDENCE } from "../interval.ts";
import { measureLatency } from "../latency-ratio.ts";
import { unitOf } from "../metric-text.ts";
import { type ArmMeasure, holdsStage, type Standing, type Verdict } from "../verdict.ts";
import { findingOf, weigh } from "./finding.ts";
import type { Weighed } from "./finding-outcome.ts";
import { findingText } from "./finding-text.ts";
import { plannedTicks } from "./gather.ts";
import { emptyGuardEvidence, type GuardEvidence } from "./guard-evidence.ts";
import { differenceMinOf, marginPlaceOf, ratioMaxOf } from "./hypothesis.ts";
import { unevenText } from "./lost-scores.ts";
import { meanOf } from "./means.ts";
import { type StepWait, stepWaitOf } from "./step-wait.ts";

export function sequentialStanding(
  guard: SequentialGuard,
  rollout: Rollout,
  evidence: Evidence,
): Standing {
  const own = evidenceOf(guard, rollout, evidence);
  const weighed = weighedIn(guard, rollout, own);
  const counted = statusOf(guard, own, weighed);
  const uneven = counted === "fail" ? null : unevenText(guard, own.lost);
  const matters = (): boolean => isHarmful(guard, own, weighed);
  const stepWait =
    counted === "pass" ? stepWaitOf(guard, { own, weighed, matters }, rollout, evidence) : null;
  const isWaiting = uneven !== null || stepWait !== null;
  // One sick server, or one user, is no reason to take everybody off the version, nor is who few users are: a person says.
  const isDoubtful = weighed.replica !== null || weighed.byHeavyUser || weighed.byFewUsers;
  const standing = {
    guard: guard.id,
    action: isDoubtful && turnsBack(guard) ? ("block" as const) : guard.action,
    holds: holdsStage(guard) || (isWaiting && guard.action !== "warn"),
    status: isWaiting ? ("wait" as const) : counted,
  };
  const looked = { own, weighed, uneven, stepWait, status: standing.status };
  let known: Verdict | null = null;
  const verdict = (): Verdict => {
    known ??= { ...standing, ...shown(guard, rollout, evidence, looked) };
    return known;
  };
  return { ...standing, isOpen: weighed.late?.open === true, verdict };
}

type Looked = Pick<Verdict, "status"> & {
  readonly own: GuardEvidence;
  readonly weighed: Weighed;
  /** Why it waits all the same; null for nothing. */
  readonly uneven: string | null;
  readonly stepWait: StepWait | null;
};

/** The numbers and words of a verdict. */
function shown(
  guard: SequentialGuard,
  rollout: Rollout,
  evidence: Evidence,
  { own, weighed, uneven, stepWait, status }: Looked,
): Omit<Verdict, "guard" | "action" | "holds" | "status"> {
  const { comparison } = guard;
  const finding = findingOf(weighed);
  const arms = measured(guard, rollout, evidence, own);
  const found = {
    unit: unitOf(guard.metric),
    comparison: comparison.kind,
    limit: comparison.kind === "limit" ? comparison.max : ratioMaxOf(guard),
    ...arms,
  };
  const caution = cautionOf(evidence);
  // Of what is suspected, how far it is from passing says nothing.
  const told = stepWait?.kind === "suspicion" ? "pass" : status;
  const but = uneven === null ? (stepWait?.text ?? "") : `, but ${uneven}`;
  return {
    measured: comparison.kind === "limit" ? arms.candidate.value : ratioOf(arms),
    ...found,
    interval: { low: finding.low, high: finding.high, confidence: CONFIDENCE, always: true },
    text: `${findingText(guard, { status: told, finding, ...found }, own)}${but}`,
    finding,
    ...(caution === null ? {} : { caution }),
  };
}

type Known = {
  readonly own: GuardEvidence;
  readonly rollout: Rollout;
  readonly weighed: Weighed;
};

/** Of each guard the evidence that was looked at last: many ticks say nothing of what few requests tell. */
const WEIGHED = new WeakMap<SequentialGuard, Known>();

function weighedIn(guard: SequentialGuard, rollout: Rollout, own: GuardEvidence): Weighed {
  const known = WEIGHED.get(guard);
  if (known?.own === own && known.rollout === rollout) return known.weighed;
  const { phase, policy } = rollout;
  const place = marginPlaceOf(placeOf(phase) ?? 0, policy);
  const weighed = weigh(guard, own, policy, plannedTicks(policy), place);
  WEIGHED.set(guard, { own, rollout, weighed });
  return weighed;
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
  if (metric.kind !== "latency") {
    return { candidate: countedIn(own, "candidate"), stable: countedIn(own, "stable"), baseline };
  }
  const arm = (sum: typeof compared.candidate): ArmMeasure => latencyMeasure(metric, sum);
  return { candidate: arm(compared.candidate), stable: arm(compared.stable), baseline };
}

/** An arm's mean, or its share of events. */
function countedIn(
  { means, recent, pooled }: GuardEvidence,
  arm: "candidate" | "stable",
): ArmMeasure {
  if (means !== null) return { value: meanOf(means[arm]), over: false, n: means[arm].n };
  const lately = recentCount(recent, arm);
  return shareOf(lately.n > 0 ? lately : pooled.counts[arm]);
}

function latencyMeasure(
  { time, quantile }: LatencyMetric,
  sum: ReturnType<typeof compare>["stable"],
): ArmMeasure {
  return measureLatency(quantile, sum.latency[time]);
}

function recentCount(
  recent: GuardEvidence["recent"],
  arm: "candidate" | "stable",
): { readonly n: number; readonly bad: number } {
  const sum = { n: 0, bad: 0 };
  for (const one of recent) {
    sum.n += one[arm].n;
    sum.bad += one[arm].bad;
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
  own: GuardEvidence,
  segment: string | null,
): number {
  if (metric.kind === "latency") return Number.POSITIVE_INFINITY;
  const [candidate, stable] = [countedIn(own, "candidate"), countedIn(own, "stable")];
  const lately = (candidate.value ?? 0) - (stable.value ?? 0);
  const one = segment === null ? undefined : own.segments[segment];
  const ofOne = one === undefined ? 0 : rateDifference(one.counts);
  return Math.max(lately, rateDifference(own.pooled.counts), ofOne);
}

function rateDifference({ candidate, stable }: TwoArms): number {
  return candidate.bad / Math.max(1, candidate.n) - stable.bad / Math.max(1, stable.n);
}

/** Whether the candidate is worse by as much as matters, however sure that is. */
function isHarmful(
  guard: SequentialGuard,
  own: GuardEvidence,
  { segment }: Pick<Weighed, "segment">,
): boolean {
  if (guard.comparison.kind === "limit") return true;
  return differenceOf(guard, own, segment) >= differenceMinOf(guard);
}

/**
 * Only what turns a rollout back, and what every request tells, must be excluded before it goes on; of what holds or
 * warns, and of what users may say or not, it is enough that it is silent, and that there is nothing to wait for.
 */
function statusOf(guard: SequentialGuard, own: GuardEvidence, weighed: Weighed): Verdict["status"] {
  const { logE, logNeeded, going, late } = weighed;
  if (logE >= logNeeded && isHarmful(guard, own, weighed)) return "fail";
  const mustPass = turnsBack(guard) && isPrimary(guard);
  // Nothing is completed while it may be the version that is worse than the record.
  const isOpen = late?.open === true;
  if (mustPass ? !isOpen && going.logE >= going.logNeeded : own.ticks > 0) return "pass";
  return "wait";
}

function cautionOf({ candidateUsers }: Evidence): string | null {
  const count = distinctCount(candidateUsers);
  if (count === 0 || count >= MANY_USERS) return null;
  return `only about ${count} users on the candidate so far: what befalls a few of them weighs much`;
}
