// An alarm of few users who send much: whether it may be no more than who they are. An alarm's evidence is divided tick by
// tick, by what users differed by until then. Where that goes on growing, as each of few users comes to weigh more, what
// came early was divided by too little, and hours of the same luck add up. Divided as a whole they do not.

import { logWeighted } from "../../statistics/log-space.ts";
import { hybridLogE } from "../../statistics/merging.ts";
import type { TwoArms } from "../../statistics/ratio-e.ts";
import type { SequentialGuard } from "../guard.ts";
import { countLogE, logWeightsAbove } from "./count-test.ts";
import type { GuardEvidence } from "./guard-evidence.ts";
import { ladderOf } from "./ladder.ts";
import { isCarried } from "./test-without.ts";

/** From here on users are the sample, and not their requests. */
const TEMPER_MIN = 5;

/**
 * Whether all of it, divided as a whole, has less than half of an alarm's evidence. `temper`: how much stable's users differ, as
 * a factor on the variance of their counts.
 */
export function isCarriedByFewUsers(
  guard: SequentialGuard,
  { common, pooled, segments, late }: GuardEvidence,
  temper: number,
  logNeeded: number,
): boolean {
  // Against stable's record everybody is compared with everybody.
  if (temper < TEMPER_MIN || late !== null) return false;
  const { test, alarm } = ladderOf(guard, common);
  const weights = logWeightsAbove(common);
  const wholeLogE = (counts: TwoArms): number =>
    logWeighted(
      alarm.alternatives.map((one) => countLogE(test, counts, alarm.tested, one) / temper),
      weights,
    );
  const ofSegments = Object.values(segments).map(({ counts }) => wholeLogE(counts));
  return isCarried(hybridLogE(wholeLogE(pooled.counts), ofSegments), logNeeded);
}
