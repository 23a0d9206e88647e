// What a sequential guard's evidence amounts to at a place of the rollout: how far it speaks for an alarm, what the
// ratio may be, and whether enough harm is excluded to go on.

import type { Policy, SequentialGuard } from "../../policy.ts";
import { isSequential } from "../../policy.ts";
import type { Place } from "../../rollout/rollout.ts";
import { logMean, logSum } from "../../statistics/log-space.ts";
import { eitherLogE, hybridLogE } from "../../statistics/merging.ts";
import { stakesLogE } from "../../statistics/restart-mixture.ts";
import type { GuardEvidence, HypothesisEvidence } from "./guard-evidence.ts";
import { alternativesBelow, hypothesesOf, marginOf, testedRatio } from "./hypothesis.ts";

/** Chance, per guard and stage, that a candidate with as much harm as the margin passes all the same. */
export const FALSE_PASS_MAX = 0.05;
/** Each end of the interval of the ratio is wrong with at most this chance, ever. */
const INTERVAL_TAIL = 0.005;

/** Evidence as natural logs of e-values, with what they are measured against. */
export type Finding = {
  /** Against "the ratio is at most the limit". */
  readonly logE: number;
  readonly logNeeded: number;
  /** 99% interval of the ratio; null where an end is not known yet. */
  readonly low: number | null;
  readonly high: number | null;
  /** The segment whose own evidence is the strongest, where it is stronger than all together. */
  readonly segment: string | null;
  /** For "the ratio is below the margin", which lets the rollout go on. */
  readonly going: {
    readonly margin: number;
    readonly logE: number;
    readonly logNeeded: number;
    /** Smallest ratio that is excluded with 95% confidence: smaller harm may be there. Null for none. */
    readonly excluded: number | null;
  };
};

export function findingOf(
  guard: SequentialGuard,
  evidence: GuardEvidence,
  policy: Policy,
  planned: number,
  place: Place,
): Finding {
  const alarms = alarmsOf(evidence, planned);
  const ratios = hypothesesOf(guard);
  const against = evidence.hypotheses.map(({ above }) => logMean(above));
  const below = evidence.hypotheses.map((own, index) => belowLogE(guard, ratios[index] ?? 1, own));
  const tail = Math.log(1 / INTERVAL_TAIL);
  const logNeeded = Math.log(1 / FALSE_PASS_MAX);
  const margin = marginOf(guard, place);
  const atMargin = below[ratios.indexOf(margin)] ?? 0;
  const rare = guard.kind === "error-ratio" && guard.differenceMin > 0;
  const firstAt = (log: number): number | null => ratios[below.findIndex((e) => e >= log)] ?? null;
  return {
    logE: alarms.logE,
    logNeeded: Math.log(policy.guards.filter(isSequential).length / policy.falseAlarmMax),
    low: ratios[against.findLastIndex((e) => e >= tail)] ?? null,
    high: firstAt(tail),
    segment: alarms.segment,
    going: {
      margin,
      logE: rare ? eitherLogE(atMargin, logMean(evidence.rare)) : atMargin,
      logNeeded,
      excluded: firstAt(logNeeded),
    },
  };
}

function alarmsOf(
  { pooled, segments, ticks }: GuardEvidence,
  planned: number,
): { readonly logE: number; readonly segment: string | null } {
  const all = stakesLogE(pooled.stakes, ticks, planned);
  const own = Object.entries(segments).map(([segment, { stakes }]) => ({
    segment,
    logE: stakesLogE(stakes, ticks, planned),
  }));
  const strongest = own.reduce((a, b) => (b.logE > a.logE ? b : a), { segment: "", logE: all });
  return {
    logE: hybridLogE(
      all,
      own.map(({ logE }) => logE),
    ),
    segment: own.length < 2 || strongest.segment === "" ? null : strongest.segment,
  };
}

function belowLogE(guard: SequentialGuard, ratio: number, { below }: HypothesisEvidence): number {
  const weighed = alternativesBelow(guard, testedRatio(guard, ratio));
  return logSum(weighed.map(({ weight }, index) => Math.log(weight) + (below[index] ?? 0)));
}
