// When a tick of evidence is mature: every member that matters has reported all of it. Ticks are consumed in
// order, once, and what arrives later is counted as late.

import type { EvidenceRow, Policy, Tick } from "@slipway/core";
import type { Running } from "../world/world.ts";
import { hasLost, isLeased, type MemberRecord, nameOf } from "./member.ts";

/**
 * Ticks consumed of one rollout in one turn, at most: catching up after a stop must not starve the others. One turn
 * consumes ticks with rows or ticks without any, which cost little, and not both: what the rows say is judged before
 * the ticks after them push it out of the guards' windows.
 */
const FULL_TICKS_PER_TURN_MAX = 50;
const EMPTY_TICKS_PER_TURN_MAX = 500;

/**
 * A tick waits for a member's evidence so long and no longer: a tick that misses some can still fail a guard, and one
 * silent member must not blind the guards of everybody.
 */
const PATIENCE_MIN_MS = 5_000;
const PATIENCE_TICKS = 3;

export type MaturityClock = { readonly nowMs: number; readonly openedAtMs: number };

/** The tick to be consumed next. */
export function nextTickOf({ rollout, evidence }: Running): number {
  if (evidence.watermark >= 0) return evidence.watermark + 1;
  return Math.floor(rollout.startedAtMs / rollout.policy.evidence.tickMs);
}

/** The next ticks that are mature, in order. */
export function matureTicks(
  running: Running,
  members: Iterable<MemberRecord>,
  clock: MaturityClock,
): readonly Tick[] {
  const all = [...members];
  const first = nextTickOf(running);
  const isFull = running.pending.has(first);
  const limit = isFull ? fullTicksMax(running.rollout.policy) : EMPTY_TICKS_PER_TURN_MAX;
  const ticks: Tick[] = [];
  for (let number = first; ticks.length < limit; number++) {
    const tick = matureTick(running, number, all, clock);
    if (tick === null || running.pending.has(number) !== isFull) break;
    ticks.push(tick);
  }
  return ticks;
}

/** Whether a turn would consume a tick. */
export function hasMatureTick(
  running: Running,
  members: Iterable<MemberRecord>,
  clock: MaturityClock,
): boolean {
  return matureTick(running, nextTickOf(running), [...members], clock) !== null;
}

/** No more than the shortest window, so that nothing passes through a guard's window unjudged. */
function fullTicksMax({ guards, evidence }: Policy): number {
  const shortestMs = Math.min(...guards.map(({ windowMs }) => windowMs));
  const ticks = Math.floor(shortestMs / evidence.tickMs);
  return Math.min(FULL_TICKS_PER_TURN_MAX, Math.max(1, ticks));
}

function matureTick(
  running: Running,
  tick: number,
  members: readonly MemberRecord[],
  { nowMs, openedAtMs }: MaturityClock,
): Tick | null {
  const { rollout, pending } = running;
  const { tickMs, horizonMs } = rollout.policy.evidence;
  const startMs = tick * tickMs;
  const endMs = startMs + tickMs;
  if (endMs > nowMs) return null;
  const rows = [...(pending.get(tick)?.values() ?? [])].sort(byKey);
  // With a request still open, its judgement comes at the latest when its horizon has passed.
  const isOpen = rows.some(({ arrivals, judged }) => arrivals > judged);
  const neededMs = isOpen ? endMs + horizonMs : endMs;
  const behind = members.filter(
    ({ leftAtMs, joinedAtMs, asOfMs }) =>
      leftAtMs === null && joinedAtMs < endMs && asOfMs < neededMs,
  );
  const patienceMs = Math.max(PATIENCE_MIN_MS, PATIENCE_TICKS * tickMs);
  const isEarly = nowMs < Math.max(neededMs, openedAtMs) + patienceMs;
  if (isEarly && behind.some(isLeased)) return null;
  const missing = [
    ...behind.filter((member) => isLeased(member) || (member.expiredAtMs ?? 0) > startMs),
    ...members.filter((member) => hasLost(member, startMs, endMs)),
  ].map(nameOf);
  return { rolloutId: rollout.id, tick, endMs, missing: [...new Set(missing)].sort(), rows };
}

/** One order, whatever the order of arrival. */
function byKey(a: EvidenceRow, b: EvidenceRow): number {
  if (a.table !== b.table) return a.table - b.table;
  if (a.arm !== b.arm) return a.arm < b.arm ? -1 : 1;
  if (a.via !== b.via) return a.via < b.via ? -1 : 1;
  if (a.segment === b.segment) return 0;
  return a.segment < b.segment ? -1 : 1;
}
