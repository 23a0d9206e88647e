// Common cause: what is decided when stable got worse against its own level, so that comparing the candidate with it
// says little. Where we may be the cause ourselves the candidate gives back what it last got; where something both need
// is down nobody is moved, since one arm is as broken as the other. A person is paged in either case.

import type { Evidence } from "../evidence/evidence.ts";
import {
  levelRate,
  type StableLevel,
  type StableMeasure,
  type StableSum,
  worseOf,
} from "../evidence/stable-level.ts";
import { addArmSum, emptyArmSum } from "../evidence/window.ts";
import { isSequential } from "../guards/guard.ts";
import { standingOf } from "../guards/judge.ts";
import type { Standing } from "../guards/verdict.ts";
import { quantile } from "../histogram.ts";
import { durationText, percentText } from "../quantity.ts";
import type { Because, Move } from "./event.ts";
import type { Phase } from "./phase.ts";
import type { Rollout } from "./rollout.ts";

export type CommonCause =
  /** The candidate may be what made stable worse. */
  | { readonly kind: "ours"; readonly because: Because }
  /** Nothing says that it is. */
  | { readonly kind: "outage"; readonly because: Because };

/** Null while stable is as good as its level, or cannot be told from it. */
export function commonCauseOf(rollout: Rollout, evidence: Evidence): CommonCause | null {
  const { stableLevel } = evidence;
  const worse = worseIn(rollout, stableLevel);
  if (worse.length === 0 || stableLevel.level === null) return null;
  const found = stableWorseText(rollout, evidence);
  const shared = sharedText(rollout, worse);
  if (stableLevel.isBefore && shared !== null) {
    const text = `stable got worse since the candidate has more users: ${found}; ${shared}, so the candidate gives back what it got`;
    return { kind: "ours", because: { code: "shared-pool", text, page: true } };
  }
  const text = `stable got worse: ${found}; ${candidateText(evidence)}. Nobody is moved until stable has recovered`;
  return { kind: "outage", because: { code: "outage", text, page: true } };
}

/** How stable is worse, for people: "40% of its requests fail, it was 0.5%". */
export function stableWorseText(rollout: Rollout, evidence: Evidence): string {
  const { stableLevel } = evidence;
  const { level } = stableLevel;
  if (level === null) return "";
  const worse = worseIn(rollout, stableLevel);
  return worse.map((measure) => worseText(measure, level, evidence)).join(", ");
}

/** Nothing is to be judged where there are no guards: that is a way back. Evidence of an earlier stage is none. */
export function worseIn(
  { policy, stageTable }: Rollout,
  { since, watches }: StableLevel,
): readonly StableMeasure[] {
  return policy.guards.length === 0 || since !== stageTable ? [] : worseOf(watches);
}

/**
 * How guards stand in a moment in which stable is worse. A threshold compares sums over its window, and the candidate had fewer
 * of the good requests before the stage: of a failure that both have the arm with the larger part in it looks worse. So
 * a threshold that is broken counts only where it is so over this stage alone, in which shares stayed as they were.
 */
export function fairStandings(
  rollout: Rollout,
  evidence: Evidence,
  standings: readonly Standing[],
): readonly Standing[] {
  if (worseIn(rollout, evidence.stableLevel).length === 0) return standings;
  const { phase, policy } = rollout;
  const fromMs = confirmedMsOf(phase) + policy.evidence.tickMs;
  const alike = { ...evidence, window: evidence.window.filter(({ endMs }) => endMs >= fromMs) };
  return standings.map((standing, index) => {
    const guard = policy.guards[index];
    const isJudged = guard !== undefined && standing.status === "fail" && !isSequential(guard);
    return isJudged ? standingOf(guard, rollout, alike) : standing;
  });
}

/** When every gateway had the present shares; what stands without that is taken from when it began. */
function confirmedMsOf(phase: Phase): number {
  const confirmedAtMs = phase.kind === "stage" ? phase.confirmedAtMs : phase.sinceMs;
  return confirmedAtMs ?? Number.POSITIVE_INFINITY;
}

/** Why the cause may be the candidate; null where nothing says so. */
function sharedText({ sharedPools = [] }: Rollout, worse: readonly StableMeasure[]): string | null {
  if (sharedPools.length > 0) return `both versions use pool ${sharedPools.join(", ")}`;
  return worse.includes("limits") ? "more of stable's requests are refused for a limit" : null;
}

function worseText(measure: StableMeasure, level: StableSum, evidence: Evidence): string {
  if (measure === "latency") {
    const stable = emptyArmSum();
    for (const entry of evidence.window) addArmSum(stable, entry.stable);
    const [now, before] = [stable.latency.total, level.latency].map((one) => quantile(one, 0.99));
    return `its P99 latency is ${durationText(now ?? 0)}, it was ${durationText(before ?? 0)}`;
  }
  const { n, bad } = evidence.stableLevel.watches[measure].lately;
  const what = measure === "limits" ? "are refused for a limit" : "fail";
  const before = percentText(levelRate(level, measure));
  return `${percentText(bad / Math.max(1, n))} of its requests ${what}, it was ${before}`;
}

function candidateText({ window }: Evidence): string {
  const candidate = emptyArmSum();
  for (const entry of window) addArmSum(candidate, entry.candidate);
  const { counted, bad, latency } = candidate;
  if (counted === 0) return "nothing is known of the candidate lately";
  const p99 = durationText(quantile(latency.total, 0.99) ?? 0);
  return `of the candidate's requests ${percentText(bad / counted)} fail, and their P99 latency is ${p99}`;
}

/** What is done about it. `back`: the stage before, see `stepBackOf`. */
export function commonCauseMove(
  cause: CommonCause,
  rollout: Rollout,
  back: () => Move,
): Move | null {
  return cause.kind === "ours" && rollout.phase.kind !== "stepping-back" ? back() : null;
}
