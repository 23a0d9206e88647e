// An alarm's test without some of the requests: what it is worth then tells whether those alone carry the alarm, and the
// version may be sound.

import { hybridLogE } from "../../statistics/merging.ts";
import { type Betting, logEOf, NO_STAKES, type Stakes, settled, stakesAfter } from "./alarm.ts";
import { logWeightsAbove } from "./count-test.ts";
import type { GuardEvidence, TestWithout } from "./guard-evidence.ts";
import { keptOf, withBets } from "./late-harm.ts";
import { bySegment, type Stratum } from "./strata.ts";

/** What is carried by what was left out has less than this part of the evidence without it. */
const CARRIED_PART = 0.5;

type LogE = (strata: readonly Stratum[]) => readonly number[] | null;

/** What a tick adds. */
export type Added = {
  readonly strata: readonly Stratum[];
  /** Those of them that say something. */
  readonly telling: readonly Stratum[];
  readonly pooled: LogE;
  /** Null where segments gather nothing. */
  readonly segment: LogE | null;
  /** Of the test of all segments together. */
  readonly betting: Betting;
  /** Whether all of that must be bet now. */
  readonly settle: boolean;
};

export const NO_TEST: TestWithout = { pooled: NO_STAKES, segments: {} };

/** After one more tick, of which `added` has the strata that are left. */
export function testAfter(
  own: TestWithout,
  { strata, telling, pooled, segment, betting, settle }: Added,
): TestWithout {
  const stakes = stakesAfter(own.pooled, pooled(telling), betting);
  const next = {
    pooled: settle ? settled(stakes, betting, betting.ticks + 1) : stakes,
    segments: own.segments,
  };
  if (segment === null) return next;
  const segments: { [segment: string]: Stakes } = { ...own.segments };
  for (const { segment: name } of strata) {
    if (!Object.hasOwn(segments, name)) segments[name] = NO_STAKES;
  }
  for (const ofSegment of bySegment(telling)) {
    const name = ofSegment[0]?.segment ?? "";
    segments[name] = stakesAfter(segments[name] ?? NO_STAKES, segment(ofSegment), {
      ...betting,
      kept: 1,
    });
  }
  return { ...next, segments };
}

/** Natural log of what it is worth. `replica`: whose answers are left out of what the held-back users were asked, too. */
export function logEWithout(
  { pooled, segments }: TestWithout,
  { late, common }: Pick<GuardEvidence, "late" | "common">,
  planned: number,
  replica?: string,
): number {
  const betting = { planned, logWeights: logWeightsAbove(common), kept: 1 };
  return hybridLogE(
    withBets(logEOf(pooled, { ...betting, kept: keptOf(late) }), late, replica),
    Object.values(segments).map((stakes) => logEOf(stakes, betting)),
  );
}

export function isCarried(logE: number, logNeeded: number): boolean {
  return logE < CARRIED_PART * logNeeded;
}
