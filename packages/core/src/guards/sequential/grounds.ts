// What a sequential guard's verdict rests on, for people who ask why: the counts, the weight they have, and which
// segments speak for harm by themselves.

import { GAMMA } from "../../histogram.ts";
import type { Policy, SequentialGuard } from "../../policy.ts";
import { attributed } from "../../statistics/e-bh.ts";
import { overdispersion } from "../../statistics/overdispersion.ts";
import type { TwoArms } from "../../statistics/ratio-e.ts";
import { stakesLogE } from "../../statistics/restart-mixture.ts";
import { plannedTicks } from "./gather.ts";
import type { GuardEvidence } from "./guard-evidence.ts";

export type SegmentGrounds = {
  readonly segment: string;
  /** Natural log of its own evidence of harm. */
  readonly logE: number;
  readonly counts: TwoArms;
  /** Whether it may be named: of those named, at most `false-alarm` are so by chance. */
  readonly named: boolean;
};

export type Grounds = {
  /** Ticks that said something. */
  readonly ticks: number;
  /** Since evidence began: requests of both arms, and how many of them are bad at the limit. */
  readonly counts: TwoArms;
  /** Latency guards: stable's quantile now, in milliseconds; null until it is known. */
  readonly edgeMs: number | null;
  /** What evidence is divided by, since users differ. */
  readonly temper: number;
  /** The strongest first, at most `SEGMENTS_TOLD_MAX`. */
  readonly segments: readonly SegmentGrounds[];
};

export const SEGMENTS_TOLD_MAX = 20;

export function groundsOf(
  guard: SequentialGuard,
  { ticks, edge, pooled, segments, buckets }: GuardEvidence,
  policy: Policy,
): Grounds {
  const planned = plannedTicks(policy);
  const own = Object.entries(segments).map(([segment, { stakes, counts }]) => ({
    segment,
    logE: stakesLogE(stakes, ticks, planned),
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
    counts: pooled.counts,
    edgeMs: guard.kind === "error-ratio" || edge === null ? null : GAMMA ** edge,
    temper: overdispersion(buckets),
    segments: own
      .map((one, index) => ({ ...one, named: named.has(index) }))
      .sort((a, b) => b.logE - a.logE || (a.segment < b.segment ? -1 : 1))
      .slice(0, SEGMENTS_TOLD_MAX),
  };
}
