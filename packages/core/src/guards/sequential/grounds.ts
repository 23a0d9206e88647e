// What a sequential guard's verdict rests on, for people who ask why: the counts, the weight they have, and which
// segments speak for harm by themselves.

import { GAMMA } from "../../histogram.ts";
import type { Policy } from "../../policy.ts";
import { attributed } from "../../statistics/e-bh.ts";
import type { HeavyBucket } from "../../statistics/heavy-bucket.ts";
import { overdispersion, overdispersionUpper } from "../../statistics/overdispersion.ts";
import type { TwoArms } from "../../statistics/ratio-e.ts";
import type { SequentialGuard } from "../guard.ts";
import { logEOf } from "./alarm.ts";
import { logWeightsAbove } from "./count-test.ts";
import { plannedTicks } from "./gather.ts";
import type { GuardEvidence } from "./guard-evidence.ts";
import { type MeansEvidence, temperOfMeans } from "./means.ts";
import { logEWithout } from "./test-without.ts";

export type SegmentGrounds = {
  readonly segment: string;
  /** Natural log of its own evidence of harm. */
  readonly logE: number;
  readonly counts: TwoArms;
  /** Whether it may be named: of those named, at most `false-alarm` are so by chance. */
  readonly named: boolean;
};

/** `logE`: of the alarm without it. */
export type SetApartGrounds = HeavyBucket & { readonly logE: number };

export type Grounds = {
  /** Ticks that said something. */
  readonly ticks: number;
  /** Since evidence began: what was counted of both arms, and how many are bad at the limit. Means have none bad. */
  readonly counts: TwoArms;
  /** Latency guards: stable's quantiles now, in milliseconds, one or one by class of length; null until it is known. */
  readonly edgesMs: readonly (number | null)[];
  /** By replica of the candidate: natural log of the evidence of harm without it, all segments together. */
  readonly withoutReplica: { readonly [replica: string]: number };
  /** What evidence is divided by, since users differ. */
  readonly temper: number;
  /** What evidence that lets it go on, and the interval, are divided by: as much as users may differ. */
  readonly proofTemper: number;
  /** A key bucket that evidence which lets it go on leaves out; null for none. */
  readonly setApart: SetApartGrounds | null;
  /** The strongest first, at most `SEGMENTS_TOLD_MAX`. */
  readonly segments: readonly SegmentGrounds[];
};

export const SEGMENTS_TOLD_MAX = 20;

export function groundsOf(
  guard: SequentialGuard,
  evidence: GuardEvidence,
  policy: Policy,
): Grounds {
  const { ticks, edges, pooled, segments, buckets, setApart, means, replicas } = evidence;
  const betting = {
    planned: plannedTicks(policy),
    logWeights: logWeightsAbove(evidence.common),
    kept: 1,
  };
  const own = Object.entries(segments).map(([segment, { logE, counts }]) => ({
    segment,
    logE,
    counts,
  }));
  const named = new Set(
    attributed(
      own.map(({ logE }) => logE),
      policy.falseAlarmMax,
    ),
  );
  return {
    ticks,
    counts: means === null ? pooled.counts : observedIn(means),
    edgesMs:
      guard.metric.kind === "latency"
        ? edges.map((edge) => (edge === null ? null : GAMMA ** edge))
        : [],
    withoutReplica: Object.fromEntries(
      Object.entries(replicas).map(([name, own]) => [name, logEOf(own.pooled, betting)]),
    ),
    temper: means === null ? overdispersion(buckets) : temperOfMeans(means),
    proofTemper:
      means === null ? overdispersionUpper(buckets, setApart?.bucket) : temperOfMeans(means),
    setApart: setApartGrounds(evidence, betting.planned),
    segments: own
      .map((one, index) => ({ ...one, named: named.has(index) }))
      .sort((a, b) => b.logE - a.logE || (a.segment < b.segment ? -1 : 1))
      .slice(0, SEGMENTS_TOLD_MAX),
  };
}

function observedIn({ candidate, stable }: MeansEvidence): TwoArms {
  return { candidate: { n: candidate.n, bad: 0 }, stable: { n: stable.n, bad: 0 } };
}

function setApartGrounds(evidence: GuardEvidence, planned: number): SetApartGrounds | null {
  const { setApart } = evidence;
  if (setApart === null) return null;
  const { bucket, share, without } = setApart;
  return { bucket, share, logE: logEWithout(without, evidence, planned) };
}
