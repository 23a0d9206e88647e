// What a sequential guard's evidence amounts to at a place of the rollout: how far it speaks for an alarm, what the
// ratio may be, and whether enough harm is excluded to go on.

import type { Policy } from "../../policy.ts";
import type { Place } from "../../rollout/rollout.ts";
import { logMean, logSum } from "../../statistics/log-space.ts";
import { eitherLogE, hybridLogE } from "../../statistics/merging.ts";
import { stakesLogE } from "../../statistics/restart-mixture.ts";
import { alarmLogE, type SequentialGuard } from "../guard.ts";
import { alternativesBelow } from "./count-test.ts";
import type { GuardEvidence, HypothesisEvidence } from "./guard-evidence.ts";
import { differenceMinOf, hypothesesOf, marginOf, testedRatio } from "./hypothesis.ts";
import { keptOf, type LateFinding, lateFindingOf, withBets } from "./late-harm.ts";
import { meansFinding } from "./means-finding.ts";
import { carrierOf } from "./replicas.ts";

/** Chance, per guard and stage, that a candidate with as much harm as the margin passes all the same. */
export const FALSE_PASS_MAX = 0.05;
/** Each end of the interval of the ratio is wrong with at most this chance, ever. */
const INTERVAL_TAIL = 0.005;

/** Evidence as natural logs of e-values, with what they are measured against. */
export type Finding = {
  /** Against "the ratio is at most the limit". */
  readonly logE: number;
  readonly logNeeded: number;
  /** 99% interval of the ratio, or of the candidate's value for a limit; null where an end is not known yet. */
  readonly low: number | null;
  readonly high: number | null;
  /** Whether it is of odds: events are so common that a ratio of rates would say little. */
  readonly odds: boolean;
  /** The segment whose own evidence is the strongest, where it is stronger than all together. */
  readonly segment: string | null;
  /** The candidate's replica without which there would be no alarm; null where none is, and without an alarm. */
  readonly replica: string | null;
  /** Once all stages are over and it is worse than stable's record; null otherwise. */
  readonly late: LateFinding | null;
  /** For "the ratio is below the margin", which lets the rollout go on. */
  readonly going: {
    readonly margin: number;
    readonly logE: number;
    readonly logNeeded: number;
    /** Smallest ratio that is excluded with 95% confidence: smaller harm may be there. Null for none. */
    readonly excluded: number | null;
  };
};

/** How sure each of a finding's statements must be, as natural logs. */
export type Sureness = {
  readonly alarm: number;
  readonly interval: number;
  readonly going: number;
};

export function findingOf(
  guard: SequentialGuard,
  evidence: GuardEvidence,
  policy: Policy,
  planned: number,
  place: Place,
): Finding {
  const sureness = {
    alarm: alarmLogE(guard, policy),
    interval: Math.log(1 / INTERVAL_TAIL),
    going: Math.log(1 / FALSE_PASS_MAX),
  };
  return evidence.means === null
    ? countsFinding(guard, evidence, planned, place, sureness)
    : meansFinding(guard, evidence.means, place, sureness);
}

function countsFinding(
  guard: SequentialGuard,
  evidence: GuardEvidence,
  planned: number,
  place: Place,
  sureness: Sureness,
): Finding {
  const alarms = alarmsOf(evidence, planned);
  const ratios = hypothesesOf(guard);
  const against = evidence.hypotheses.map(({ above }) => logMean(above));
  const below = evidence.hypotheses.map((own, index) => belowLogE(guard, ratios[index] ?? 1, own));
  const margin = marginOf(guard, place);
  const atMargin = below[ratios.indexOf(margin)] ?? 0;
  const rare = guard.metric.kind !== "latency" && differenceMinOf(guard) > 0;
  const scale = guard.comparison.kind === "limit" ? guard.comparison.max : 1;
  const at = (index: number): number | null => {
    const ratio = ratios[index];
    return ratio === undefined ? null : ratio * scale;
  };
  return {
    logE: alarms.logE,
    logNeeded: sureness.alarm,
    low: at(against.findLastIndex((e) => e >= sureness.interval)),
    high: at(below.findIndex((e) => e >= sureness.interval)),
    odds: evidence.common === true,
    segment: alarms.segment,
    replica: alarms.logE < sureness.alarm ? null : carrierOf(evidence, planned, sureness.alarm),
    late: lateFindingOf(guard, evidence.late),
    going: {
      margin: margin * scale,
      logE: rare ? eitherLogE(atMargin, logMean(evidence.rare)) : atMargin,
      logNeeded: sureness.going,
      excluded: at(below.findIndex((e) => e >= sureness.going)),
    },
  };
}

function alarmsOf(
  { pooled, segments, ticks, late }: GuardEvidence,
  planned: number,
): { readonly logE: number; readonly segment: string | null } {
  const all = withBets(stakesLogE(pooled.stakes, ticks, planned, keptOf(late)), late);
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
