// What must hold before a stage may be left forwards, each with how far it has come.

import { type Evidence, NO_STAGE_COUNTS, type StageCounts } from "../evidence/evidence.ts";
import { marginText, scaleText } from "../guards/sequential/finding-text.ts";
import type { Standing, Verdict } from "../guards/verdict.ts";
import { lotRequirements } from "../lot/lot-requirements.ts";
import type { Policy } from "../policy.ts";
import { durationText, percentText } from "../quantity.ts";
import { SLOTS } from "../slots.ts";
import { askedApproval, isApproved, namesText } from "./controls.ts";
import { forecastRequirements } from "./forecast-requirement.ts";
import { candidateSlotsOf } from "./phase.ts";
import type { Requirement } from "./requirement.ts";
import type { Rollout } from "./rollout.ts";

/** Evidence may be this much older than its horizon before it counts as late. */
const LATE_MIN_MS = 5_000;
const LATE_TICKS = 3;

export function requirementsOf(
  rollout: Rollout,
  evidence: Evidence,
  standings: readonly Standing[],
  nowMs: number,
): readonly Requirement[] {
  return [...requirementsIn(rollout, evidence, standings, nowMs)];
}

/** The first that is not met: those behind it are not worked out, nor what guards say that let it pass. */
export function firstUnmet(
  rollout: Rollout,
  evidence: Evidence,
  standings: readonly Standing[],
  nowMs: number,
): Requirement | null {
  const open = standings.filter((standing) => !letsPass(standing));
  for (const one of requirementsIn(rollout, evidence, open, nowMs)) if (!one.met) return one;
  return null;
}

/** In the order in which they are told, those first that take the longest to be met. */
function* requirementsIn(
  rollout: Rollout,
  evidence: Evidence,
  standings: readonly Standing[],
  nowMs: number,
): Generator<Requirement> {
  const { phase, policy } = rollout;
  if (phase.kind === "preflight") yield* approvals(rollout);
  if (phase.kind !== "stage" && phase.kind !== "bake") return;
  const stage = phase.kind === "stage" ? policy.stages[phase.stage] : undefined;
  const holdMs = stage?.holdMs ?? policy.bakeMs;
  // Until the first tick of this stage, the counts are still the stage before's.
  const counts = evidence.stageTable === rollout.stageTable ? evidence.stage : NO_STAGE_COUNTS;
  yield confirmed(phase.confirmedAtMs);
  yield hold(phase.confirmedAtMs, holdMs, nowMs);
  yield requests(counts, neededRequests(policy, stage?.minRequests ?? 0));
  yield fresh(rollout, evidence, nowMs);
  yield covered(phase.confirmedAtMs, holdMs, evidence);
  yield share(rollout, counts, stage?.minRequests ?? 0);
  yield* lotRequirements(rollout, evidence);
  yield* forecastRequirements(rollout);
  for (const standing of standings) yield guard(standing);
  yield* approvals(rollout);
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

/** No data is never a pass, except where nothing is to be judged: a way back has no guards. */
function neededRequests(policy: Policy, minRequests: number): number {
  return policy.guards.length === 0 ? minRequests : Math.max(1, minRequests);
}

function requests(counts: StageCounts, needed: number): Requirement {
  const have = counts.candidateCounted;
  return requirement(
    "requests",
    have >= needed,
    needed === 0 ? 1 : have / needed,
    `${needed > have ? `${have} of ${needed}` : have} candidate requests judged`,
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

/**
 * The whole hold must be judged: its last seconds are when the answers that a slow version still owes are open,
 * and a bake must not end on what was seen before it.
 */
function covered(confirmedAtMs: number | null, holdMs: number, evidence: Evidence): Requirement {
  const fromMs = confirmedAtMs ?? Number.POSITIVE_INFINITY;
  const coveredMs = Math.min(holdMs, Math.max(0, (evidence.endMs ?? 0) - fromMs));
  const met = (evidence.endMs ?? 0) >= fromMs + holdMs;
  return requirement(
    "covered",
    met,
    met ? 1 : coveredMs / Math.max(1, holdMs),
    `mature evidence covers ${durationText(coveredMs)} of ${durationText(holdMs)}`,
  );
}

/** Below so many expected requests a share cannot be told from chance. */
const EXPECTED_MIN = 20;

/** Of requests that were split: rings, exclusions and kept conversations go elsewhere by intent. */
function share(rollout: Rollout, counts: StageCounts, needed: number): Requirement {
  const wanted = candidateSlotsOf(rollout.phase, rollout.policy) / SLOTS;
  const { candidateArrivals, stableArrivals, apart } = counts;
  const total = candidateArrivals + stableArrivals;
  const beside = apartText(counts);
  if (total === 0 || candidateArrivals < needed) {
    // Where rings bring the requests that a stage needs, chance alone may leave the split with too few to tell.
    const isThin = candidateArrivals + apart.ring >= needed && total * wanted < EXPECTED_MIN;
    const text = `too few requests to tell the actual share${beside}`;
    return requirement("share", needed === 0 || (apart.ring > 0 && isThin), 0, text);
  }
  const actual = candidateArrivals / total;
  return requirement(
    "share",
    Math.abs(actual - wanted) <= rollout.policy.shareTolerance * wanted,
    1,
    `candidate gets ${percentText(actual)} of requests, the stage says ${percentText(wanted)}${beside}`,
  );
}

/** What was not split, and how much of what continued nobody could place. */
function apartText({ apart, turns }: StageCounts): string {
  const parts = [
    apart.ring === 0 ? "" : `${apart.ring} of rings`,
    apart.excluded === 0 ? "" : `${apart.excluded} excluded`,
    apart.kept === 0 ? "" : `${apart.kept} kept on stable by their conversation`,
    turns.unknown === 0 ? "" : `${turns.unknown} turns of unknown conversations`,
  ].filter((part) => part !== "");
  return parts.length === 0 ? "" : `; ${parts.join(", ")}`;
}

/** A guard that only warns never holds a stage, nor one of what may never be heard, until it breaks. */
export function letsPass({ action, holds, status }: Standing): boolean {
  return status === "pass" || action === "warn" || (status === "wait" && !holds);
}

function guard(standing: Standing): Requirement {
  const met = letsPass(standing);
  const verdict = standing.verdict();
  const going = verdict.status === "wait" ? verdict.finding?.going : undefined;
  const progress = going === undefined ? 0 : going.logE / going.logNeeded;
  return requirement("guard", met, met ? 1 : progress, `${verdict.guard}: ${verdict.text}`);
}

/** The last of all: what is missing when it alone is missing is a person's word. */
function approvals(rollout: Rollout): readonly Requirement[] {
  const asked = askedApproval(rollout);
  if (asked === null) return [];
  const { percent, needed, given, by } = asked;
  const names = given.map((said) => said.by).join(", ");
  if (isApproved(asked))
    return [requirement("approval", true, 1, `${percent}% approved by ${names}`)];
  const have = given.length === 0 ? "" : ` (${given.length} of ${needed} given, by ${names})`;
  const wanted = needed === 1 ? "an approval" : `${needed} approvals`;
  const whose = by.length === 0 ? "" : ` of ${namesText(by)}`;
  const how = `slipway rollout approve ${rollout.id} --reason TEXT`;
  const text = `${percent}% needs ${wanted}${whose}${have}: ${how}`;
  return [requirement("approval", false, given.length / needed, text)];
}

/**
 * Why a stage may be left, in one line: how long and by how much it was tested, and how the guards stood that it waited
 * for, or that broke and only warn. Of the others it says how many are silent.
 */
export function metText(
  requirements: readonly Requirement[],
  verdicts: readonly Verdict[],
): string {
  const told = ["hold", "requests", "approval"];
  const tested = requirements.filter(({ code }) => told.includes(code));
  const telling = verdicts.filter(({ holds, status }) => holds || status === "fail");
  const silent = verdicts.length - telling.length;
  return [
    ...tested.map(({ text }) => text),
    ...telling.map(standing),
    ...(silent === 0 ? [] : [`${silent} other guard${silent === 1 ? " is" : "s are"} silent`]),
  ].join(", ");
}

function standing(verdict: Verdict): string {
  const { guard: name, status, measured, limit, finding } = verdict;
  if (finding !== undefined) {
    return status === "pass"
      ? `${name} passed at a margin of ${marginText(verdict, finding.going)}`
      : `${name} ${status === "fail" ? "warns" : status}`;
  }
  if (measured === null) return `${name} ${status}`;
  return `${name} ${scaleText(verdict, measured).replace(/^\+/, "")} of ${scaleText(verdict, limit).replace(/^\+/, "")}`;
}
