// What a sequential guard's evidence amounts to at a place of the rollout: how far it speaks for an alarm, what the
// ratio may be, and whether enough harm is excluded to go on.

import type { Policy } from "../../policy.ts";
import type { Place } from "../../rollout/phase.ts";
import { logMean, logSum, logWeighted } from "../../statistics/log-space.ts";
import { eitherLogE, hybridLogE } from "../../statistics/merging.ts";
import { overdispersionUpper } from "../../statistics/overdispersion.ts";
import { alarmLogE, type SequentialGuard } from "../guard.ts";
import { logEOf } from "./alarm.ts";
import { ALTERNATIVES_ABOVE, logWeightsAbove } from "./count-test.ts";
import { isCarriedByFewUsers } from "./few-users.ts";
import type { Bounds, Finding, Sureness, Weighed } from "./finding-outcome.ts";
import type { GuardEvidence } from "./guard-evidence.ts";
import { differenceMinOf, marginOf } from "./hypothesis.ts";
import { belowFrom, ladderOf, type Rung } from "./ladder.ts";
import { keptOf, lateFindingOf, withBets } from "./late-harm.ts";
import { weighMeans } from "./means-finding.ts";
import { carrierOf } from "./replicas.ts";
import { isCarriedBySetApart } from "./set-apart.ts";

/** Chance, per guard and stage, that a candidate with as much harm as the margin passes all the same. */
export const FALSE_PASS_MAX = 0.05;
/** Each end of the interval of the ratio is wrong with at most this chance, ever. */
const INTERVAL_TAIL = 0.005;

/** More than rounding can make of a logarithm. */
const SLACK = 1e-6;

export function findingOf({ bounds, going, ...weighed }: Weighed): Finding {
  const { low, high, excluded } = bounds();
  return { ...weighed, low, high, going: { ...going, excluded } };
}

export function weigh(
  guard: SequentialGuard,
  evidence: GuardEvidence,
  policy: Policy,
  planned: number,
  place: Place,
): Weighed {
  const sureness = {
    alarm: alarmLogE(guard, policy),
    interval: Math.log(1 / INTERVAL_TAIL),
    going: Math.log(1 / FALSE_PASS_MAX),
  };
  return evidence.means === null
    ? weighCounts(guard, evidence, planned, place, sureness)
    : weighMeans(guard, evidence.means, place, sureness);
}

function weighCounts(
  guard: SequentialGuard,
  evidence: GuardEvidence,
  planned: number,
  place: Place,
  sureness: Sureness,
): Weighed {
  const alarms = alarmsOf(evidence, planned);
  const isAlarm = alarms.logE >= sureness.alarm;
  const { rungs } = ladderOf(guard, evidence.common);
  const temper = overdispersionUpper(evidence.buckets, evidence.setApart?.bucket);
  const byFewUsers = isAlarm && isCarriedByFewUsers(guard, evidence, temper, sureness.alarm);
  const logs = { logs: evidence.hypotheses, temper };
  const margin = marginOf(guard, place);
  const marginRung = rungs.find(({ hypothesis }) => hypothesis === margin);
  const atMargin = marginRung === undefined ? 0 : belowLogE(marginRung, logs);
  const hasFloor = guard.metric.kind !== "latency" && differenceMinOf(guard) > 0;
  const scale = guard.comparison.kind === "limit" ? guard.comparison.max : 1;
  return {
    logE: alarms.logE,
    logNeeded: sureness.alarm,
    odds: evidence.common === true,
    segment: alarms.segment,
    // Of what may be no more than who few users are, any replica seems to have the most.
    replica: isAlarm && !byFewUsers ? carrierOf(evidence, planned, sureness.alarm) : null,
    byHeavyUser: isAlarm && isCarriedBySetApart(evidence, planned, sureness.alarm),
    byFewUsers,
    late: lateFindingOf(guard, evidence.late),
    going: {
      margin: margin * scale,
      difference: hasFloor ? differenceMinOf(guard) : null,
      logE: hasFloor
        ? eitherLogE(atMargin, logMean(evidence.apart.map((log) => log / temper)))
        : atMargin,
      logNeeded: sureness.going,
    },
    bounds: () => boundsIn(rungs, logs, logWeightsAbove(evidence.common), { sureness, scale }),
  };
}

function boundsIn(
  rungs: readonly Rung[],
  logs: Tempered,
  logWeights: readonly number[],
  { sureness, scale }: { readonly sureness: Sureness; readonly scale: number },
): Bounds {
  const at = (rung: Rung | undefined): number | null =>
    rung === undefined ? null : rung.hypothesis * scale;
  const firstBelow = (needed: number): Rung | undefined =>
    rungs.find((rung) => isBelow(rung, logs, needed));
  return {
    low: at(rungs.findLast((rung) => isAbove(rung, logs, logWeights, sureness.interval))),
    high: at(firstBelow(sureness.interval)),
    excluded: at(firstBelow(sureness.going)),
  };
}

function alarmsOf(
  { pooled, segments, late, common }: GuardEvidence,
  planned: number,
): { readonly logE: number; readonly segment: string | null } {
  const betting = { planned, logWeights: logWeightsAbove(common), kept: keptOf(late) };
  const together = withBets(logEOf(pooled.stakes, betting), late);
  const own: number[] = [];
  let strongest = together;
  let segment: string | null = null;
  for (const name in segments) {
    const logE = segments[name]?.logE ?? 0;
    own.push(logE);
    if (logE <= strongest) continue;
    strongest = logE;
    segment = name;
  }
  return { logE: hybridLogE(together, own), segment: own.length < 2 ? null : segment };
}

/** Each counts divided by the temper: only those that are looked at are divided. */
type Tempered = { readonly logs: readonly number[]; readonly temper: number };

function belowLogE(rung: Rung, { logs, temper }: Tempered): number {
  const from = belowFrom(rung);
  return logSum(rung.weightLogs.map((weight, i) => weight + (logs[from + i] ?? 0) / temper));
}

/** Whether the evidence that the ratio is higher than a rung's suffices. */
function isAbove(
  { from }: Rung,
  tempered: Tempered,
  logWeights: readonly number[],
  needed: number,
): boolean {
  if (highest(tempered, from, ALTERNATIVES_ABOVE) < needed - SLACK) return false;
  const { logs, temper } = tempered;
  const own = logs.slice(from, from + ALTERNATIVES_ABOVE).map((log) => log / temper);
  return logWeighted(own, logWeights) >= needed;
}

/** Whether the evidence that it is lower suffices. */
function isBelow(rung: Rung, tempered: Tempered, needed: number): boolean {
  if (highest(tempered, belowFrom(rung), rung.weightLogs.length) < needed - SLACK) return false;
  return belowLogE(rung, tempered) >= needed;
}

/** No mean is more than the highest: where that does not suffice, nothing else need be worked out. */
function highest({ logs, temper }: Tempered, from: number, count: number): number {
  let high = Number.NEGATIVE_INFINITY;
  for (let place = from; place < from + count; place++) high = Math.max(high, logs[place] ?? 0);
  return high / temper;
}
