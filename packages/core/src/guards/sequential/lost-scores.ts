// Answers that could not be scored: too large, or the scorer broke or took too long at them. Which ones those are depends on
// what stands in them, and so on the version: where the arms lose different shares, what is missing may be what is wrong.

import { LIVE_SCORES } from "../../answers.ts";
import { type EvidenceRow, KEY_BUCKETS } from "../../evidence/row.ts";
import { percentText } from "../../quantity.ts";
import { logWeighted } from "../../statistics/log-space.ts";
import { eitherLogE } from "../../statistics/merging.ts";
import { overdispersion } from "../../statistics/overdispersion.ts";
import {
  RATIO_LOG_WEIGHTS,
  RATIOS_ABOVE,
  ratioLogE,
  type TwoArms,
} from "../../statistics/ratio-e.ts";
import { type BucketCounts, bucketCounts, countAll } from "../counting.ts";
import type { EventMetric, SequentialGuard } from "../guard.ts";
import { plusCounts } from "./alarm.ts";
import { differenceMinOf } from "./hypothesis.ts";

export type LostEvidence = {
  /** Answers that were to be scored, and those of them that could not be. */
  readonly counts: TwoArms;
  /** Log e-values that the candidate loses more than stable, and less, by alternative. */
  readonly more: readonly number[];
  readonly fewer: readonly number[];
  /** Those of stable by key bucket: how much users differ. */
  readonly buckets: BucketCounts;
};

/** Chance that a guard ever waits for what both arms lose alike. */
const FALSE_WAIT_MAX = 0.01;
const METRIC: EventMetric = { kind: "score", score: LIVE_SCORES.unscored };
const SCORED: ReadonlySet<string> = new Set<string>(
  Object.values(LIVE_SCORES).filter((name) => name !== LIVE_SCORES.unscored),
);

/** Null for guards of what nobody scores live. */
export function emptyLost({ metric }: SequentialGuard): LostEvidence | null {
  if (metric.kind !== "score" || !SCORED.has(metric.score)) return null;
  const none = { n: 0, bad: 0 };
  return {
    counts: { candidate: none, stable: none },
    more: RATIOS_ABOVE.map(() => 0),
    fewer: RATIOS_ABOVE.map(() => 0),
    buckets: { arrivals: zeros(), bad: zeros() },
  };
}

function zeros(): readonly number[] {
  return new Array<number>(KEY_BUCKETS).fill(0);
}

/** The same where a tick has none. `rows`: of those who were split, whom lot made alike. */
export function withLost(before: LostEvidence, rows: readonly EvidenceRow[]): LostEvidence {
  const ofArm = (arm: EvidenceRow["arm"]): readonly EvidenceRow[] =>
    rows.filter((row) => row.arm === arm && row.feedback !== null);
  const stableRows = ofArm("stable");
  const tick = {
    candidate: countAll(METRIC, ofArm("candidate")),
    stable: countAll(METRIC, stableRows),
  };
  if (tick.candidate.n + tick.stable.n === 0) return before;
  const swapped = { candidate: tick.stable, stable: tick.candidate };
  // What users are like is known from the ticks before: evidence may not choose its own weight.
  const temper = overdispersion(before.buckets);
  const bet = (logs: readonly number[], arms: TwoArms): readonly number[] =>
    logs.map((log, index) => log + ratioLogE(arms, 1, RATIOS_ABOVE[index] ?? 1) / temper);
  return {
    counts: plusCounts(before.counts, tick),
    more: bet(before.more, tick),
    fewer: bet(before.fewer, swapped),
    buckets: bucketCounts(METRIC, stableRows, before.buckets),
  };
}

/** How differently the arms lose answers; null where that may be chance, or is less than the guard takes for harm. */
export function unevenText(guard: SequentialGuard, lost: LostEvidence | null): string | null {
  if (lost === null) return null;
  const { candidate, stable } = lost.counts;
  const [own, other] = [candidate.bad / candidate.n, stable.bad / stable.n];
  const logE = eitherLogE(
    logWeighted(lost.more, RATIO_LOG_WEIGHTS),
    logWeighted(lost.fewer, RATIO_LOG_WEIGHTS),
  );
  const isUneven = logE >= Math.log(1 / FALSE_WAIT_MAX);
  if (!isUneven || Math.abs(own - other) < differenceMinOf(guard)) return null;
  return `${percentText(own)} of the candidate's answers could not be scored, and ${percentText(other)} of stable's (${candidate.n} and ${stable.n} answers): what is missing may be what is wrong`;
}
