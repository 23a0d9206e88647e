// A member: one incarnation of a gateway worker, as the controller remembers it from its frames. It is stored
// before its first lease, and leaves by goodbye or by the end of its lease, never by silence.

import type { ToldLimit } from "@slipway/core";
import type { Member } from "@slipway/wire";

/** A stretch of controller time of whose evidence some never arrived, and never will. */
export type Loss = { readonly fromMs: number; readonly untilMs: number };

export type MemberRecord = {
  readonly member: Member;
  /** Highest sequence stored, with all before it. */
  readonly sequence: number;
  readonly asOfMs: number;
  readonly confirmedTable: number | null;
  /** When it confirmed that table, on the controller's clock. */
  readonly confirmedAtMs: number;
  readonly candidateInFlight: { readonly [rolloutId: string]: number };
  readonly candidateEndedAtMs: { readonly [rolloutId: string]: number };
  readonly diverted: readonly string[];
  /** What providers told it of pools; absent where it does not say. */
  readonly told?: readonly ToldLimit[];
  readonly rowsDropped: number;
  /** All that was lost so far, as one stretch; null for nothing. */
  readonly lost: Loss | null;
  readonly joinedAtMs: number;
  readonly seenAtMs: number;
  /** How long the lease last given lasts; 0 when it never had one. */
  readonly leaseMs: number;
  /** When its lease ended without a goodbye; null while it has one, or never had. */
  readonly expiredAtMs: number | null;
  readonly leftAtMs: number | null;
};

/** At most so many are known at once. */
export const MEMBERS_MAX = 2_000;
/** A worker reports every second: one that never had a lease and is silent for so long has probably ended. */
const ALIVE_MS = 10_000;
/** One that expired or left is forgotten after so long. */
const FORGET_AFTER_MS = 3_600_000;

/** Gateway and worker: people know it by this name, and a restarted worker has it again. */
export function nameOf({ member }: MemberRecord): string {
  return `${member.gateway}/${member.worker}`;
}

/** Whether it may route to a candidate, so that rollouts wait for it. */
export function isLeased(record: MemberRecord): boolean {
  return record.leaseMs > 0 && record.expiredAtMs === null && record.leftAtMs === null;
}

/** Whether it may be serving: under its lease, or heard from a moment ago. */
export function isAlive(record: MemberRecord, nowMs: number): boolean {
  if (record.leftAtMs !== null || record.expiredAtMs !== null) return false;
  return isLeased(record) || nowMs - record.seenAtMs < ALIVE_MS;
}

export function hasConfirmed(record: MemberRecord, table: number): boolean {
  return record.confirmedTable !== null && record.confirmedTable >= table;
}

/** Whether evidence of it was lost that may have belonged to this time. */
export function hasLost({ lost }: MemberRecord, startMs: number, endMs: number): boolean {
  return lost !== null && lost.fromMs < endMs && lost.untilMs > startMs;
}

/** Whether nothing can depend on it any more. */
export function isForgettable(record: MemberRecord, nowMs: number): boolean {
  if (isLeased(record)) return false;
  const endedAtMs = record.leftAtMs ?? record.expiredAtMs ?? record.seenAtMs;
  return nowMs - Math.max(endedAtMs, record.seenAtMs) > FORGET_AFTER_MS;
}
