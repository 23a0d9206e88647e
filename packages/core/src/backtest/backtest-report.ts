// What a backtest found of one rollout: what happened, what would have happened, who was spared or harmed, and what
// nobody can know.

import { distinctCount } from "../distinct.ts";
import { standingOf } from "../guards/judge.ts";
import { durationText } from "../quantity.ts";
import { candidateSlotsOf, type Phase } from "../rollout/phase.ts";
import type { Rollout } from "../rollout/rollout.ts";
import { SLOTS } from "../slots.ts";
import type { Backtest, Fork, Step } from "./backtest.ts";
import type { Harm } from "./harm.ts";

export type CourseEnd = {
  readonly outcome: "completed" | "rolled-back" | "under-way";
  readonly phase: Phase["kind"];
  /** When it was decided to complete or to roll back; of one under way, the end of the record. */
  readonly atMs: number;
  /** Users on the candidate at last, before it was rolled back. */
  readonly percent: number;
  readonly steps: readonly Step[];
};

export type HarmReport = {
  readonly requests: number;
  readonly bad: number;
  /** Of the bad ones, those that a replay hid. */
  readonly spared: number;
  /** Of the requests, those whose outcome nobody knows. */
  readonly unknown: number;
  /** Estimated. */
  readonly users: number;
};

export type BacktestReport = {
  readonly rolloutId: string;
  readonly model: string;
  readonly from: string;
  readonly to: string;
  readonly startedAtMs: number;
  /** Whether the policy is the rollout's own in every rule that decides. */
  readonly isOwn: boolean;
  /** Decisions of the journal that came out the same, up to where the courses part. */
  readonly same: number;
  readonly real: CourseEnd;
  readonly tried: CourseEnd;
  readonly fork: Fork | null;
  readonly harm: { readonly real: HarmReport; readonly tried: HarmReport };
  /** What cannot be known, in sentences. */
  readonly unknown: readonly string[];
};

/** `endMs`: when the record ends. Null for a record that holds no rollout. */
export function backtestReport(test: Backtest, endMs: number, seed: number): BacktestReport | null {
  const { real, tried, fork } = test;
  if (real === null || tried === null) return null;
  const triedEndMs = test.endedAtMs ?? endMs;
  return {
    rolloutId: real.id,
    model: real.model,
    from: real.from,
    to: real.to,
    startedAtMs: real.startedAtMs,
    isOwn: test.isOwn,
    same: test.same,
    real: courseEnd(real, test.realSteps, endMs),
    tried: courseEnd(tried, test.triedSteps, triedEndMs),
    fork,
    harm: { real: harmReport(test.harm.real), tried: harmReport(test.harm.tried) },
    unknown: [...test.notes, ...(fork === null ? [] : forkNotes(test, fork, tried, seed))],
  };
}

function courseEnd(rollout: Rollout, steps: readonly Step[], endMs: number): CourseEnd {
  const { phase, policy } = rollout;
  const back = phase.kind === "rolling-back" || phase.kind === "rolled-back";
  const last = steps.findLast(({ move }) => move.kind === (back ? "roll-back" : "complete"));
  const index = last === undefined ? steps.length : steps.indexOf(last);
  const now = (candidateSlotsOf(phase, policy) / SLOTS) * 100;
  return {
    outcome: back ? "rolled-back" : phase.kind === "completed" ? "completed" : "under-way",
    phase: phase.kind,
    atMs: last?.atMs ?? endMs,
    percent: back ? (steps[index - 1]?.percent ?? 0) : now,
    steps,
  };
}

function harmReport({ requests, bad, spared, unknown, users, recorded }: Harm): HarmReport {
  const share = recorded === 0 ? 1 : Math.min(1, (requests - unknown) / recorded);
  return { requests, bad, spared, unknown, users: Math.round(distinctCount(users) * share) };
}

function forkNotes(test: Backtest, fork: Fork, tried: Rollout, seed: number): readonly string[] {
  const { beyondMs, aloneMs, endedAtMs, policy, real } = test;
  const tick = durationText(policy.evidence.tickMs);
  const since = test.triedShares.length > 1 || fork.recorded.did !== "hold";
  const isOver = tried.phase.kind === "rolled-back" || tried.phase.kind === "completed";
  return [
    `its times after it left the record are right to a tick (${tick}); gateways are taken to have confirmed as they last did (${durationText(test.confirmMs)})`,
    ...(since
      ? [
          `evidence of a larger share was thinned at random (seed ${seed}) to that of its own, and never made more; load stays the recorded one`,
        ]
      : []),
    ...(beyondMs === 0
      ? []
      : [
          `for ${durationText(beyondMs)} it had more users on the candidate than the record: what they would have met is not known, and with their evidence it might have decided sooner`,
        ]),
    ...(aloneMs === 0
      ? []
      : [
          `for ${durationText(aloneMs)} the record had everybody on the candidate: how stable would have answered is not known, so that nothing was compared`,
        ]),
    ...(endedAtMs !== null && !isOver
      ? [
          "the record has nobody on the candidate any more: what this policy would have done then is not known",
        ]
      : []),
    ...(endedAtMs === null && !isOver
      ? [
          real?.phase.kind === "completed"
            ? "the record ends with the rollout: when this policy would have completed, or whether, is not known"
            : "the record ends here",
        ]
      : []),
    ...unfedNotes(test, tried),
    ...new Set(test.apart),
  ];
}

/** Guards that never had anything to measure: the record may be older than what they look at. */
function unfedNotes({ evidence }: Backtest, tried: Rollout): readonly string[] {
  return tried.policy.guards.flatMap((guard) => {
    const { candidate, stable, status } = standingOf(guard, tried, evidence).verdict();
    if (status !== "wait" || candidate.n + stable.n > 0) return [];
    return [`the record has nothing that ${guard.id} could measure`];
  });
}
