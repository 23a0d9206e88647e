// A test that starts anew at every tick: three quarters of its stake are bet at the start, the rest in equal parts over
// the planned ticks, so that a regression that comes late is found as soon as one that was there from the start.
// What the plan leaves over is bet on the time after it, ever less: a rollout that a freeze or a question holds for days
// must not be deaf by then.
// The chance of ever reaching 1/alpha stays at most alpha: it is a mean of e-processes that start later.

import { logAdd, logWeighted } from "./log-space.ts";

const STAKE_AT_START = 0.75;
/** For after the planned ticks. */
const STAKE_AFTER = 0.05;

/** The part of the stake that is not bet yet after so many ticks. */
export function stakeLeft(ticks: number, plannedTicks: number): number {
  if (ticks >= plannedTicks) return (STAKE_AFTER * plannedTicks) / ticks;
  return 1 - STAKE_AT_START - (1 - STAKE_AT_START - STAKE_AFTER) * (ticks / plannedTicks);
}

/** Natural logs of what each alternative's stake has become, before the first tick or, later, after `ticks`. */
export function newStakes(alternatives: number, ticks: number, plannedTicks: number): number[] {
  return new Array<number>(alternatives).fill(Math.log(1 - stakeLeft(ticks, plannedTicks)));
}

/** What differs from a test that has its whole stake to itself, and looks at every tick. */
export type Held = {
  /** The part of the stake left that is still the test's own, where some of it was bet elsewhere. */
  readonly kept?: number;
  /** The stakes are those after so many ticks; the ones since said nothing: what is bet on nothing stays what it is. */
  readonly since?: number;
};

/** After one more tick, whose log e-values are given per alternative; `ticks`: how many came before it. */
export function nextStakes(
  stakes: readonly number[],
  logE: readonly number[],
  ticks: number,
  plannedTicks: number,
  { kept = 1, since = ticks }: Held = {},
): number[] {
  const next = stakeLeft(since, plannedTicks) - stakeLeft(ticks + 1, plannedTicks);
  const bet = Math.log(kept * next);
  const after = new Array<number>(stakes.length);
  for (let i = 0; i < after.length; i++) after[i] = logAdd(stakes[i] ?? 0, bet) + (logE[i] ?? 0);
  return after;
}

/** Natural log of the whole test's e-value after `ticks` ticks; `logWeights`: of the alternatives. */
export function stakesLogE(
  stakes: readonly number[],
  logWeights: readonly number[],
  ticks: number,
  plannedTicks: number,
  kept = 1,
): number {
  return logAdd(logWeighted(stakes, logWeights), Math.log(kept * stakeLeft(ticks, plannedTicks)));
}
