// A rollout as people see it: its phase, what holds it, each guard with its numbers, both arms, who was affected.

import {
  addArmSum,
  type Because,
  candidateSlotsOf,
  DISTINCT_ERROR,
  type DistinctSum,
  decide,
  distinctCount,
  distinctOfAll,
  type Evidence,
  emptyArmSum,
  type Feedback,
  isFinished,
  NO_STAGE_COUNTS,
  plusFeedback,
  quantile,
  representationOf,
  type ServingArm,
  SLOTS,
  splitOf,
} from "@slipway/core";
import type { ArmView, FeedbackView, RolloutSummary, RolloutView, TotalsView } from "@slipway/wire";
import { hasConfirmed, isLeased, type MemberRecord, nameOf } from "../evidence/member.ts";
import { openPagesOf } from "../page.ts";
import type { Running, World } from "../world/world.ts";

type Members = Pick<World, "members">;
/** What a view is made of. A rehearsal has no more than this. */
type Seen = Pick<Running, "rollout" | "evidence" | "tail" | "lateRequests">;

export function rolloutView(running: Seen, { members }: Members, nowMs: number): RolloutView {
  const { rollout, evidence, tail, lateRequests } = running;
  const { decision, requirements, verdicts, trends } = decide(running, nowMs);
  const split = splitOf(rollout, evidence);
  return {
    id: rollout.id,
    model: rollout.model,
    from: rollout.from,
    to: rollout.to,
    startedAtMs: rollout.startedAtMs,
    startedBy: rollout.startedBy,
    reason: rollout.reason,
    phase: rollout.phase,
    sequence: rollout.sequence,
    table: rollout.table,
    policy: rollout.policy,
    controls: rollout.controls,
    ...(rollout.gates === undefined ? {} : { gates: rollout.gates }),
    candidatePercent: percentOf(running),
    decision,
    pages: openPagesOf(decision, running),
    requirements,
    verdicts,
    trends,
    split,
    representation: split === null ? null : representationOf(rollout, evidence),
    arms: {
      stable: armView("stable", rollout.from, running),
      candidate: armView("candidate", rollout.to, running),
    },
    stage: evidence.stageTable === rollout.stageTable ? evidence.stage : NO_STAGE_COUNTS,
    totals: {
      stable: totalsView(evidence, "stable"),
      candidate: totalsView(evidence, "candidate"),
    },
    gateways: gatewaysView([...members.values()], rollout.table, rollout.startedAtMs),
    drainedMs: rollout.drainedMs,
    forecast: rollout.forecast,
    lateRequests,
    recent: tail.recent,
  };
}

/** One line of the list. `because`: why it last moved, where that is known. */
export function summaryOf(view: RolloutView, because: Because | null): RolloutSummary {
  const { id, model, from, to, startedAtMs, phase, candidatePercent, decision, pages } = view;
  const isHeld = decision.kind === "hold" && !isFinished(phase);
  return {
    id,
    model,
    from,
    to,
    startedAtMs,
    phase: phase.kind,
    phaseSinceMs: phase.sinceMs,
    candidatePercent,
    because,
    held: isHeld ? decision.because : null,
    pages,
  };
}

function percentOf({ rollout }: Seen): number {
  return (candidateSlotsOf(rollout.phase, rollout.policy) / SLOTS) * 100;
}

/** An arm over the window that the guards look at. */
function armView(arm: ServingArm, version: string, { rollout, evidence }: Seen): ArmView {
  const sum = emptyArmSum();
  for (const entry of evidence.window) addArmSum(sum, entry[arm]);
  const seconds = (evidence.window.length * rollout.policy.evidence.tickMs) / 1000;
  return {
    arm,
    version,
    requestsPerSecond: seconds === 0 ? 0 : sum.arrivals / seconds,
    counted: sum.counted,
    bad: sum.bad,
    p50Ms: finite(quantile(sum.latency.total, 0.5)),
    p99Ms: finite(quantile(sum.latency.total, 0.99)),
    ttftP99Ms: finite(quantile(sum.latency.ttft, 0.99)),
  };
}

/** JSON has no infinity. */
function finite(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? value : null;
}

function totalsView(evidence: Evidence, arm: ServingArm): TotalsView {
  const sum = { arrivals: 0, bad: 0, spared: 0 };
  const segments: { [segment: string]: TotalsView["segments"][string] } = {};
  let feedback: Feedback | null = null;
  for (const [segment, total] of Object.entries(evidence.totals[arm])) {
    sum.arrivals += total.arrivals;
    sum.bad += total.bad;
    sum.spared += total.spared;
    feedback = plusFeedback(feedback, total.feedback);
    segments[segment] = {
      arrivals: total.arrivals,
      bad: total.bad,
      users: distinctCount(total.users),
      accepted: total.feedback?.accepted ?? 0,
      rejected: total.feedback?.rejected ?? 0,
    };
  }
  return {
    ...sum,
    users: distinctCount(distinctOfAll(Object.values(evidence.totals[arm]).map(usersOf))),
    usersError: DISTINCT_ERROR,
    feedback: feedback === null ? null : feedbackView(feedback),
    slices: evidence.slices[arm],
    segments,
  };
}

function usersOf({ users }: { readonly users: DistinctSum }): DistinctSum {
  return users;
}

function feedbackView({ accepted, rejected, ratings, reasons, health }: Feedback): FeedbackView {
  return {
    accepted,
    rejected,
    ratings,
    reasons,
    health: {
      reports: health.reports,
      crashes: health.crashes,
      memoryP95MiB: finite(quantile(health.memory, 0.95)),
      uiP95Ms: finite(quantile(health.uiP95, 0.95)),
      versions: health.versions,
    },
  };
}

function gatewaysView(
  members: readonly MemberRecord[],
  table: number,
  startedAtMs: number,
): RolloutView["gateways"] {
  const leased = members.filter(isLeased);
  const expired = members.filter(
    ({ expiredAtMs }) => (expiredAtMs ?? 0) >= startedAtMs && expiredAtMs !== null,
  );
  return {
    of: leased.length,
    confirmed: leased.filter((member) => hasConfirmed(member, table)).length,
    expired: [...new Set(expired.map(nameOf))].sort(),
  };
}
