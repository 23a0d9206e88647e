// The fast trip: what makes a gateway worker leave a plainly broken candidate within requests, not ticks, and what it
// tells the controller.

import { OUTCOMES, type Outcome } from "../evidence/row.ts";
import type { StableResults } from "./stable-results.ts";
import { burstOf, outcomesSince, startOf, type Walk } from "./walk.ts";

export type TripPolicy = {
  readonly enabled: boolean;
  /** Hard failures more than answers, among the candidate's latest requests at one worker, that trip. */
  readonly failures: number;
};

/** What a worker saw of the candidate from the first request of the burst on, and of stable in the same time. */
export type TripReport = {
  readonly rolloutId: string;
  /** Number of the table that the worker assigned by. */
  readonly table: number;
  /** The limit that was reached. */
  readonly limit: number;
  readonly failures: number;
  readonly successes: number;
  /** The hard failures by their outcome. */
  readonly outcomes: { readonly [O in Outcome]?: number };
  readonly stable: { readonly failures: number; readonly successes: number };
};

/** A report as the journal keeps it: with who made it. */
export type Trip = TripReport & {
  /** Gateway and worker, for people. */
  readonly worker: string;
  readonly incarnation: string;
};

const HARD: ReadonlySet<Outcome> = new Set([
  "connect",
  "timeout",
  "server_error",
  "incompatible",
  "truncated",
  "invalid",
]);

/**
 * Whether an outcome says that the version is broken, and not that it is busy, slow, or was asked badly. A timeout counts
 * before the first byte alone: a long answer may run into its deadline.
 */
export function isHardFailure(outcome: Outcome, hadBegun: boolean): boolean {
  return HARD.has(outcome) && !(outcome === "timeout" && hadBegun);
}

export type TripJudgement =
  | { readonly kind: "none" }
  /** Nothing is known of stable in this time, and a request to it is open. */
  | { readonly kind: "wait" }
  /** Stable fails too: whatever it is, leaving the candidate does not mend it. */
  | { readonly kind: "shared" }
  | { readonly kind: "trip"; readonly report: Omit<TripReport, "rolloutId" | "table"> };

/**
 * Whether the candidate's latest requests trip. Stable's share of hard failures among requests that arrived in the same
 * time must be below half the candidate's: that can only prevent a trip, so `falseTripsMax` holds all the same.
 */
export function judgeTrip(
  walk: Walk,
  stable: StableResults,
  policy: TripPolicy,
  isStableOpen: boolean,
): TripJudgement {
  const start = policy.enabled ? burstOf(walk, policy.failures) : null;
  if (start === null) return { kind: "none" };
  const outcomes = outcomesSince(walk, start);
  const failures = OUTCOMES.reduce((sum, o) => (HARD.has(o) ? sum + (outcomes[o] ?? 0) : sum), 0);
  const successes = outcomes.ok ?? 0;
  const seen = stable.since(startOf(walk, start));
  const seenAll = seen.failures + seen.successes;
  if (seenAll === 0 && isStableOpen) return { kind: "wait" };
  if (seenAll > 0 && 2 * seen.failures * (failures + successes) >= failures * seenAll) {
    return { kind: "shared" };
  }
  const hard = Object.fromEntries(OUTCOMES.filter((o) => HARD.has(o)).map((o) => [o, outcomes[o]]));
  const counts = Object.fromEntries(Object.entries(hard).filter(([, n]) => n !== undefined));
  return {
    kind: "trip",
    report: { limit: policy.failures, failures, successes, outcomes: counts, stable: seen },
  };
}

/** Why a rollout that was tripped rolls back, with its numbers. */
export function tripText(trip: Trip): string {
  const kinds = OUTCOMES.flatMap((o) => {
    const count = trip.outcomes[o];
    return count === undefined ? [] : [`${o} ${count}`];
  });
  const { failures, successes, stable } = trip;
  const of = failures + successes;
  const control =
    stable.failures + stable.successes === 0
      ? "stable had no request in that time"
      : `stable failed ${stable.failures} of ${stable.failures + stable.successes} in that time`;
  return `${trip.worker} tripped: ${failures} of the candidate's last ${of} requests there failed hard (${kinds.join(", ")}), while ${control}`;
}
