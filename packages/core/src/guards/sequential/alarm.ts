// An alarm: evidence against a guard's limit as a restart mixture. A tick that says nothing of it leaves it as it is: what
// is bet on nothing stays what it is, and is bet on the next tick that says something.

import type { TwoArms } from "../../statistics/ratio-e.ts";
import { newStakes, nextStakes, stakesLogE } from "../../statistics/restart-mixture.ts";
import { ALTERNATIVES_ABOVE } from "./count-test.ts";

/** What each alternative's stake had become after so many ticks. */
export type Stakes = { readonly logs: readonly number[]; readonly ticks: number };

/** Counts are those at the limit. */
export type AlarmEvidence = { readonly stakes: Stakes; readonly counts: TwoArms };

/** Of one segment, with the natural log of what its stakes are worth. */
export type SegmentAlarm = AlarmEvidence & { readonly logE: number };

export const NO_STAKES: Stakes = { logs: newStakes(ALTERNATIVES_ABOVE, 0, 1), ticks: 0 };

export const NO_ALARM: AlarmEvidence = {
  stakes: NO_STAKES,
  counts: { candidate: { n: 0, bad: 0 }, stable: { n: 0, bad: 0 } },
};

export const NO_SEGMENT_ALARM: SegmentAlarm = { ...NO_ALARM, logE: 0 };

export type Betting = {
  /** Ticks before this one, of `planned`. */
  readonly ticks: number;
  readonly planned: number;
  readonly temper: number;
  /** Logs of the alternatives' parts. */
  readonly logWeights: readonly number[];
  /** The part of what is kept for later that is still the test's own. */
  readonly kept: number;
};

/** `logE`: of a tick by alternative, before it is tempered; null where it says nothing. */
export function stakesAfter(
  stakes: Stakes,
  logE: readonly number[] | null,
  { planned, ticks, temper, kept }: Betting,
): Stakes {
  if (logE === null) return stakes;
  const tempered = new Array<number>(stakes.logs.length);
  for (let i = 0; i < tempered.length; i++) tempered[i] = (logE[i] ?? 0) / temper;
  const held = { kept, since: stakes.ticks };
  return { logs: nextStakes(stakes.logs, tempered, ticks, planned, held), ticks: ticks + 1 };
}

/** The same with all bet until now: from now on less is the test's own. `ticks`: those that it has come to. */
export function settled(
  stakes: Stakes,
  { planned, kept }: Pick<Betting, "planned" | "kept">,
  ticks: number,
): Stakes {
  if (stakes.ticks >= ticks) return stakes;
  const held = { kept, since: stakes.ticks };
  return { logs: nextStakes(stakes.logs, [], ticks - 1, planned, held), ticks };
}

export function segmentAlarmAfter(
  alarm: SegmentAlarm,
  logE: readonly number[] | null,
  counts: TwoArms,
  betting: Betting,
): SegmentAlarm {
  const stakes = stakesAfter(alarm.stakes, logE, betting);
  return {
    stakes,
    logE: stakes === alarm.stakes ? alarm.logE : logEOf(stakes, { ...betting, kept: 1 }),
    counts: plusCounts(alarm.counts, counts),
  };
}

/** Natural log of what stakes are worth. */
export function logEOf(
  { logs, ticks }: Stakes,
  { logWeights, planned, kept }: Pick<Betting, "logWeights" | "planned" | "kept">,
): number {
  return stakesLogE(logs, logWeights, ticks, planned, kept);
}

export function plusCounts(a: TwoArms, b: TwoArms): TwoArms {
  return {
    candidate: { n: a.candidate.n + b.candidate.n, bad: a.candidate.bad + b.candidate.bad },
    stable: { n: a.stable.n + b.stable.n, bad: a.stable.bad + b.stable.bad },
  };
}
