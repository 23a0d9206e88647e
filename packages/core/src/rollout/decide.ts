// decide(state, now): what a rollout does next, and why. One evaluation, valid in every phase:
// a guard that breaks while paused, stepping back or in bake acts just as it does in a stage.

import type { Evidence } from "../evidence/evidence.ts";
import type { GuardAction } from "../guards/guard.ts";
import { notExcludedText } from "../guards/sequential/finding-text.ts";
import type { Standing, Verdict } from "../guards/verdict.ts";
import type { Policy } from "../policy.ts";
import { durationText } from "../quantity.ts";
import { slotsOfPercent } from "../slots.ts";
import type { TrendVerdict } from "../trends/judge-trend.ts";
import { tripText } from "../trip/trip.ts";
import { BLOCKED_MS_MAX, isLongBlocked } from "./blocked.ts";
import { commonCauseMove, commonCauseOf } from "./common-cause.ts";
import type { Decision } from "./decision.ts";
import type { Because, Move } from "./event.ts";
import { judgedOf } from "./judged.ts";
import { candidateSlotsOf, isFinished, type Phase } from "./phase.ts";
import { recordReturn } from "./record-return.ts";
import type { Requirement } from "./requirement.ts";
import { firstUnmet, metText, requirementsOf } from "./requirements.ts";
import { restrained } from "./restraint.ts";
import type { Rollout } from "./rollout.ts";
import { strainedReturn } from "./strained-return.ts";

export type State = { readonly rollout: Rollout; readonly evidence: Evidence };

export type Judgement = {
  readonly decision: Decision;
  readonly standings: readonly Standing[];
  /** Worked out when somebody looks, as are requirements. */
  readonly verdicts: readonly Verdict[];
  /** Most turns hold for one of the first, and are asked for none. */
  readonly requirements: readonly Requirement[];
  readonly trends: readonly TrendVerdict[];
};

/** `nowMs`: milliseconds since the epoch, on the controller's clock. */
export function decide(state: State, nowMs: number): Judgement {
  const { rollout, evidence } = state;
  const { phase } = rollout;
  if (isFinished(phase)) return holding("finished", `the rollout is ${phase.kind}`);
  if (phase.kind === "rolling-back") {
    return holding("rolling-back", "waiting for every gateway to confirm the rollback");
  }
  const { standings, trends } = judgedOf(rollout, evidence);
  const asked = { rollout, evidence, standings, nowMs };
  let known: readonly Requirement[] | null = null;
  const requirements = (): readonly Requirement[] => {
    known ??= requirementsOf(rollout, evidence, standings, nowMs);
    return known;
  };
  const decision =
    onTrip(rollout) ??
    restrained(
      rollout,
      onBrokenGuard(rollout, evidence, standings) ??
        onCommonCause(rollout, evidence) ??
        onOpenQuestion(standings) ??
        onBlockingGuard(asked) ??
        onBrokenTrend(rollout, trends) ??
        onStageLimit(asked) ??
        onProgress(asked, requirements),
    );
  return {
    decision,
    standings,
    get verdicts() {
      return verdictsOf(standings);
    },
    get requirements() {
      return requirements();
    },
    trends,
  };
}

/** What is decided on, and the requirements of it. */
type Asked = State & { readonly standings: readonly Standing[]; readonly nowMs: number };
type Requirements = () => readonly Requirement[];

function verdictsOf(standings: readonly Standing[]): readonly Verdict[] {
  return standings.map(({ verdict }) => verdict());
}

function hold(code: string, text: string): Decision {
  return { kind: "hold", because: { code, text } };
}

function holding(code: string, text: string): Judgement {
  return { decision: hold(code, text), standings: [], verdicts: [], requirements: [], trends: [] };
}

/** A worker has left the candidate by itself, for what no tick need confirm. */
function onTrip({ trip }: Rollout): Decision | null {
  if (trip === null) return null;
  const { failures: measured, limit } = trip;
  const because = { code: "tripped", text: tripText(trip), measured, limit };
  return { kind: "move", move: { kind: "roll-back" }, because };
}

/** The first broken guard with this action. */
function brokenOf(standings: readonly Standing[], action: GuardAction): Verdict | undefined {
  return standings.find((one) => one.status === "fail" && one.action === action)?.verdict();
}

/** The first broken guard of the gravest action moves it back. */
function onBrokenGuard(
  rollout: Rollout,
  evidence: Evidence,
  standings: readonly Standing[],
): Decision | null {
  const fatal = brokenOf(standings, "roll-back");
  if (fatal !== undefined) {
    const broken = { because: becauseOf(fatal), verdict: fatal };
    const strained = strainedReturn(rollout, evidence, broken, () => stepBackOf(rollout));
    if (strained !== null) return { kind: "move", ...strained, shed: true };
    const unsure = recordReturn(rollout, broken, () => stepBackOf(rollout));
    return unsure === null ? moving({ kind: "roll-back" }, fatal) : { kind: "move", ...unsure };
  }
  const grave = brokenOf(standings, "step-back");
  if (grave !== undefined && rollout.phase.kind !== "stepping-back") {
    return moving(stepBackOf(rollout), grave);
  }
  return null;
}

/** Stable got worse too: what it is compared with says little of the candidate, and a rollback may help nobody. */
function onCommonCause(rollout: Rollout, evidence: Evidence): Decision | null {
  const cause = commonCauseOf(rollout, evidence);
  if (cause === null) return null;
  const { because } = cause;
  const move = commonCauseMove(cause, rollout, () => stepBackOf(rollout));
  return move === null ? { kind: "hold", because } : { kind: "move", move, because };
}

/** Users have it worse than before 100%, and it is not known yet whether for the version or for the hour. */
function onOpenQuestion(standings: readonly Standing[]): Decision | null {
  const open = standings.find(
    ({ action, isOpen }) => isOpen && (action === "roll-back" || action === "step-back"),
  );
  if (open === undefined) return null;
  return { kind: "hold", because: { ...becauseOf(open.verdict()), code: "record", page: true } };
}

/** Asks, and after some minutes pages: users are on what it blocks. */
function onBlockingGuard({ rollout, standings, nowMs }: Asked): Decision | null {
  const blocking = brokenOf(standings, "block");
  if (blocking === undefined) return null;
  const because = becauseOf(blocking);
  if (!isLongBlocked(rollout, nowMs)) return { kind: "hold", because };
  const text = `${because.text}; held for ${durationText(BLOCKED_MS_MAX)} and more, until a person decides`;
  return { kind: "hold", because: { ...because, text, page: true } };
}

/** Like a guard: the gravest action of a trend that breaks. */
function onBrokenTrend(rollout: Rollout, trends: readonly TrendVerdict[]): Decision | null {
  const broken = (action: GuardAction): Because | null => {
    const found = trends.find((trend) => trend.status === "fail" && trend.action === action);
    return found === undefined ? null : { code: "trend", text: `${found.trend}: ${found.text}` };
  };
  const fatal = broken("roll-back");
  if (fatal !== null) return { kind: "move", move: { kind: "roll-back" }, because: fatal };
  const grave = broken("step-back");
  if (grave !== null && rollout.phase.kind !== "stepping-back") {
    return { kind: "move", move: stepBackOf(rollout), because: grave };
  }
  const blocking = broken("block");
  return blocking === null ? null : { kind: "hold", because: blocking };
}

function becauseOf(verdict: Verdict): Because {
  return {
    code: "guard",
    text: verdict.text,
    guard: verdict.guard,
    limit: verdict.limit,
    ...(verdict.measured === null ? {} : { measured: verdict.measured }),
  };
}

function moving(move: Move, verdict: Verdict): Decision {
  return { kind: "move", move, because: becauseOf(verdict) };
}

/** One stage down, or all the way where there is none: the last stage with a smaller share. */
export function stepBackOf(rollout: Rollout): Move {
  const slots = candidateSlotsOf(rollout.phase, rollout.policy);
  const stage = rollout.policy.stages.findLastIndex(
    ({ percent }) => slotsOfPercent(percent) < slots,
  );
  return stage < 0 ? { kind: "roll-back" } : { kind: "step-back", stage };
}

/** The tests have had their time, and neither alarm nor let it pass: whether to go on is a person's to say. */
function onStageLimit({ rollout, evidence, standings, nowMs }: Asked): Decision | null {
  const { phase, policy } = rollout;
  if (phase.kind !== "stage" && phase.kind !== "bake") return null;
  if (nowMs - (phase.confirmedAtMs ?? nowMs) < policy.stageLimitMs) return null;
  // A person may approve and decide at once; what else is missing comes first.
  const unmet = firstUnmet(rollout, evidence, [], nowMs);
  if (unmet !== null && unmet.code !== "approval") return null;
  const open = standings.flatMap(({ guard, status, holds, verdict }) => {
    if (status !== "wait" || !holds) return [];
    const { finding, unit, comparison } = verdict();
    return finding === undefined
      ? []
      : [`${guard}: ${notExcludedText({ finding, unit, comparison })}`];
  });
  if (open.length === 0) return null;
  const text = `after ${durationText(policy.stageLimitMs)} the evidence does not suffice (${open.join("; ")}); promote it, or roll it back`;
  return hold("ask", text);
}

function onProgress(
  { rollout, evidence, standings, nowMs }: Asked,
  requirements: Requirements,
): Decision {
  const { phase, policy } = rollout;
  if (phase.kind === "paused") return hold("paused", "paused until an operator resumes it");
  if (phase.kind === "stepping-back") {
    return hold("stepping-back", "waiting for every gateway to confirm the step back");
  }
  const unmet = firstUnmet(rollout, evidence, standings, nowMs);
  if (unmet !== null) return hold(unmet.code, unmet.text);
  const because =
    phase.kind === "preflight"
      ? { code: "preflight", text: "the policy names no gates" }
      : { code: "requirements", text: metText(requirements(), verdictsOf(standings)) };
  return { kind: "move", move: nextOf(phase, policy), because };
}

/** What follows a phase that may be left forwards. */
export function nextOf(phase: Phase, policy: Policy): Move {
  if (phase.kind === "bake") return { kind: "complete" };
  const stage = phase.kind === "stage" ? phase.stage + 1 : 0;
  return stage < policy.stages.length ? { kind: "advance", stage } : { kind: "bake" };
}
