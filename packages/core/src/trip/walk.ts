// The candidate's latest requests at one worker, in the order of their arrival: one step up for a hard failure, one step
// down for an answer, never below zero. A burst is the way up to a height.

import { OUTCOMES, type Outcome } from "../evidence/row.ts";

/** The latest so many requests are remembered. */
export const WALK_LENGTH = 4_096;
/** One user's failures count at most so often in a burst: a client that repeats a bad request breaks nothing. */
const FAILURES_PER_USER_MAX = 3;

const OPEN = 0;
/** Said of what counts neither way: cancelled, the client's own error, a rate limit. */
const NEUTRAL = OUTCOMES.length + 1;

/** Mutable; numbers of requests grow from 0. */
export type Walk = {
  /** The number of the next request. */
  next: number;
  /** Requests before this number are forgotten. */
  from: number;
  readonly states: Uint8Array;
  /** Hash of the user's key; 0 for none. */
  readonly users: Uint32Array;
  readonly arrivedMs: Float64Array;
};

export function emptyWalk(): Walk {
  return {
    next: 0,
    from: 0,
    states: new Uint8Array(WALK_LENGTH),
    users: new Uint32Array(WALK_LENGTH),
    arrivedMs: new Float64Array(WALK_LENGTH),
  };
}

/** A request arrived. While it is open it counts as answered. Returns its number. */
export function arriveInWalk(walk: Walk, user: number, arrivedMs: number): number {
  const number = walk.next++;
  const place = number % WALK_LENGTH;
  walk.states[place] = OPEN;
  walk.users[place] = user;
  walk.arrivedMs[place] = arrivedMs;
  return number;
}

/** How a request ended: answered, with a hard failure, or neither (null). Only the first word on it counts. */
export function settleInWalk(walk: Walk, number: number, outcome: Outcome | null): void {
  const place = number % WALK_LENGTH;
  if (number < oldestOf(walk) || walk.states[place] !== OPEN) return;
  walk.states[place] = outcome === null ? NEUTRAL : OUTCOMES.indexOf(outcome) + 1;
}

export function forgetWalk(walk: Walk): void {
  walk.from = walk.next;
}

/** The number of the request that began the first burst of this height; null for none. */
export function burstOf(walk: Walk, height: number): number | null {
  // Without the users first: that is quick, and nearly always enough.
  return climb(walk, height, null) === null ? null : climb(walk, height, new Map());
}

function climb(walk: Walk, height: number, perUser: Map<number, number> | null): number | null {
  let level = 0;
  let start = walk.from;
  for (let number = oldestOf(walk); number < walk.next; number++) {
    const place = number % WALK_LENGTH;
    const step = stepOf(walk.states[place] ?? OPEN);
    if (step > 0 && perUser !== null && isRepeated(perUser, walk.users[place] ?? 0)) continue;
    if (level === 0 && step > 0) start = number;
    level = Math.max(0, level + step);
    if (level >= height) return start;
    if (level === 0) perUser?.clear();
  }
  return null;
}

function stepOf(state: number): -1 | 0 | 1 {
  if (state === NEUTRAL) return 0;
  return state === OPEN || OUTCOMES[state - 1] === "ok" ? -1 : 1;
}

function isRepeated(perUser: Map<number, number>, user: number): boolean {
  if (user === 0) return false;
  const failures = (perUser.get(user) ?? 0) + 1;
  perUser.set(user, failures);
  return failures > FAILURES_PER_USER_MAX;
}

/** When a request arrived. */
export function startOf(walk: Walk, number: number): number {
  return walk.arrivedMs[number % WALK_LENGTH] ?? 0;
}

/** How the requests from this one on ended, as far as they have. */
export function outcomesSince(walk: Walk, start: number): { [O in Outcome]?: number } {
  const counts: { [O in Outcome]?: number } = {};
  for (let number = start; number < walk.next; number++) {
    const outcome = OUTCOMES[(walk.states[number % WALK_LENGTH] ?? OPEN) - 1];
    if (outcome !== undefined) counts[outcome] = (counts[outcome] ?? 0) + 1;
  }
  return counts;
}

function oldestOf(walk: Walk): number {
  return Math.max(walk.from, walk.next - WALK_LENGTH);
}
