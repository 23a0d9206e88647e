// What a sequential guard has gathered since the rollout, or its last step back, began. Of bounded size, and JSON as
// it stands. All logarithms are natural.

import { KEY_BUCKETS } from "../../evidence/row.ts";
import { DIFFERENCE_FACTORS } from "../../statistics/difference-e.ts";
import type { HeavyBucket } from "../../statistics/heavy-bucket.ts";
import type { TwoArms } from "../../statistics/ratio-e.ts";
import type { BucketCounts, Count } from "../counting.ts";
import type { SequentialGuard } from "../guard.ts";
import { type AlarmEvidence, NO_ALARM, type SegmentAlarm, type Stakes } from "./alarm.ts";
import { ladderOf } from "./ladder.ts";
import { emptyLost, type LostEvidence } from "./lost-scores.ts";
import { emptyMeans, type MeansEvidence } from "./means.ts";

/** The stakes of an alarm without some requests: what one replica answered, or what users of one key bucket sent. */
export type TestWithout = {
  readonly pooled: Stakes;
  readonly segments: { readonly [segment: string]: Stakes };
};

/** A key bucket that evidence which lets a stage be left does not count; alarms do, and are kept without it beside. */
export type SetApart = HeavyBucket & { readonly without: TestWithout };

/** Counts at the limit of one tick that said something. */
export type RecentTick = TwoArms & { readonly endMs: number };

/** Harm that begins once all stages are over, see `late-harm.ts`. */
export type LateEvidence = {
  /** What stable did until then, and the edges that latencies were counted from. */
  readonly record: { readonly edges: GuardEvidence["edges"]; readonly stable: Count };
  /** The candidate against the record. */
  readonly ticks: number;
  readonly stakes: readonly number[];
  /** Whether it is worse: the held-back users are asked then. */
  readonly worse: boolean;
  /** Log e-values that it is back, by alternative. */
  readonly back: readonly number[];
  /** How often they were asked. */
  readonly asked: number;
  /** Logs of what was bet on the version, and of what it has become, by alternative. */
  readonly bet: number;
  readonly bets: readonly number[];
  /** The same without what one replica answered. */
  readonly without: { readonly [replica: string]: readonly number[] };
};

export type GuardEvidence = {
  /** Ticks that said something. */
  readonly ticks: number;
  /** Whether events are common, which chooses the test; null until it is chosen, and where it never is. */
  readonly common: boolean | null;
  /** Stable's events until the test was chosen. */
  readonly seen: Count;
  /** Latency guards: the bins that stable's quantiles lie in; null until stable has enough requests. */
  readonly edges: readonly (number | null)[];
  /** Log e-values that the ratio is higher, or lower, than each hypothesis, by alternative: rung after rung of `ladderOf`. */
  readonly hypotheses: readonly number[];
  readonly pooled: AlarmEvidence;
  readonly segments: { readonly [segment: string]: SegmentAlarm };
  /** Guards of events: log e-values that the candidate's rate lies less than the guard's difference above stable's. */
  readonly apart: readonly number[];
  /** Events of stable by key bucket, of both arms for a limit: how much users differ. */
  readonly buckets: BucketCounts;
  /** The bucket that `hypotheses` and `apart` leave out, since when they began anew; null while they count everybody. */
  readonly setApart: SetApart | null;
  /** The ticks of the guard's window. */
  readonly recent: readonly RecentTick[];
  /** By replica of the candidate. */
  readonly replicas: { readonly [replica: string]: TestWithout };
  /** Guards of means; null for others. */
  readonly means: MeansEvidence | null;
  /** Null until all stages are over, and where nobody is held back. */
  readonly late: LateEvidence | null;
  /** Answers that a live scorer lost; null for guards of anything else. */
  readonly lost: LostEvidence | null;
};

export function emptyGuardEvidence(guard: SequentialGuard): GuardEvidence {
  const zeros = (length: number): number[] => new Array<number>(length).fill(0);
  const isMean = guard.metric.kind === "mean";
  return {
    ticks: 0,
    common: null,
    seen: { n: 0, bad: 0 },
    edges: [],
    hypotheses: isMean ? [] : zeros(ladderOf(guard, null).size),
    pooled: NO_ALARM,
    segments: {},
    apart: zeros(DIFFERENCE_FACTORS.length),
    buckets: { arrivals: zeros(KEY_BUCKETS), bad: zeros(KEY_BUCKETS) },
    setApart: null,
    recent: [],
    replicas: {},
    means: isMean ? emptyMeans() : null,
    late: null,
    lost: emptyLost(guard),
  };
}

/** By guard. */
export type GuardsEvidence = { readonly [guard: string]: GuardEvidence };
