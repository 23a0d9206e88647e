// The two facts that gateways tell a rollout: that every member routes by its table, and, after a rollback, that
// the candidate's last answer has ended.

import type { Phase, RolloutEvent } from "@slipway/core";
import type { Running } from "../world/world.ts";
import { hasConfirmed, isLeased, type MemberRecord, nameOf } from "./member.ts";

/** Whether the rollout waits for its table to be confirmed. */
function waitsForConfirmation(phase: Phase): boolean {
  switch (phase.kind) {
    case "stage":
    case "bake":
      return phase.confirmedAtMs === null;
    case "stepping-back":
    case "rolling-back":
      return true;
    default:
      return false;
  }
}

/** The event, once every member has confirmed the phase's table or its lease has ended; null until then. */
export function confirmationOf(
  { rollout }: Running,
  members: Iterable<MemberRecord>,
  nowMs: number,
): Extract<RolloutEvent, { type: "confirmed" }> | null {
  if (!waitsForConfirmation(rollout.phase)) return null;
  const { sinceMs } = rollout.phase;
  const all = [...members];
  const leased = all.filter(isLeased);
  if (leased.some((member) => !hasConfirmed(member, rollout.table))) return null;
  // Without a lease it serves stable, unless it was told to keep on: then it may serve the candidate to this day.
  const keeps = rollout.policy.lease.onLapse === "keep";
  const unreached = all.filter(
    (member) =>
      member.leftAtMs === null &&
      !isLeased(member) &&
      !hasConfirmed(member, rollout.table) &&
      (keeps || (member.expiredAtMs ?? 0) >= sinceMs),
  );
  const lastMs = Math.max(
    sinceMs,
    ...leased.map(({ confirmedAtMs }) => confirmedAtMs),
    ...unreached.map(({ expiredAtMs }) => expiredAtMs ?? 0),
  );
  return {
    type: "confirmed",
    atMs: nowMs,
    table: rollout.table,
    members: leased.length,
    expired: [...new Set(unreached.map(nameOf))].sort(),
    confirmMs: lastMs - sinceMs,
  };
}

/** The event, once no member reports a running request of a candidate that was rolled back; null until then. */
export function drainOf(
  { rollout, tail }: Running,
  members: Iterable<MemberRecord>,
  nowMs: number,
): Extract<RolloutEvent, { type: "drained" }> | null {
  if (rollout.phase.kind !== "rolled-back" || rollout.drainedMs !== null) return null;
  const toldAtMs = tail.rolledBackAtMs ?? rollout.phase.sinceMs;
  const all = [...members];
  const isRunning = all.some(
    (member) => isLeased(member) && (member.candidateInFlight[rollout.id] ?? 0) > 0,
  );
  if (isRunning) return null;
  const lastMs = Math.max(
    toldAtMs,
    ...all.map(({ candidateEndedAtMs }) => candidateEndedAtMs[rollout.id] ?? 0),
  );
  return { type: "drained", atMs: nowMs, drainedMs: Math.round(lastMs - toldAtMs) };
}
