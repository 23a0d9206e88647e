// What a guard looks at: the last mature ticks, summed per arm.

import type { Guard } from "../guards/guard.ts";
import {
  emptyHistogram,
  type Histogram,
  mergeAllInto,
  mergeHistogramsInto,
  mergeInto,
  trimmed,
} from "../histogram.ts";
import { armLatency } from "./arm-latency.ts";
import { badOf, countedOf, type EvidenceRow, OUTCOMES, type ServingArm } from "./row.ts";

/** One arm over some ticks. Latencies in milliseconds. JSON as it stands. */
export type ArmSum = {
  arrivals: number;
  /** Requests that say something about their version. */
  counted: number;
  bad: number;
  outcomes: EvidenceRow["outcomes"];
  /** By class of output length. */
  lengths: EvidenceRow["lengths"];
  latency: { total: Histogram; ttft: Histogram; tpot: Histogram };
};

export const LATENCY_TIMES = ["total", "ttft", "tpot"] as const;

/** What some policy looks at beside the whole answer and its first token. */
export type Wanted = {
  readonly tpot: boolean;
  /** By class of output length. */
  readonly lengths: boolean;
};

/** By which guards. */
export function wantedOf(guards: readonly Guard[]): Wanted {
  const latencies = guards.flatMap(({ metric }) => (metric.kind === "latency" ? [metric] : []));
  return {
    tpot: latencies.some(({ time }) => time === "tpot"),
    lengths: latencies.some(({ byLength }) => byLength),
  };
}

export function emptyArmSum(): ArmSum {
  return { ...emptyWholeSum(), lengths: { total: [], tpot: [] } };
}

/** An arm whatever the length of its answers. */
export type WholeSum = Omit<ArmSum, "lengths">;

export function emptyWholeSum(): WholeSum {
  return {
    arrivals: 0,
    counted: 0,
    bad: 0,
    outcomes: {},
    latency: { total: emptyHistogram(), ttft: emptyHistogram(), tpot: emptyHistogram() },
  };
}

/** Of one tick's rows. What nobody looks at is left out. */
export function armSumOf(
  rows: readonly EvidenceRow[],
  arm: ServingArm,
  { tpot, lengths }: Wanted,
): ArmSum {
  const sum = emptyArmSum();
  for (const row of rows) {
    if (row.arm !== arm) continue;
    const { arrivals, outcomes } = row;
    addCounts(sum, { arrivals, outcomes, counted: countedOf(row), bad: badOf(row) });
    if (!lengths) continue;
    mergeHistogramsInto(sum.lengths.total, row.lengths.total);
    mergeHistogramsInto(sum.lengths.tpot, row.lengths.tpot);
  }
  sum.latency = {
    total: armLatency(rows, arm, "total"),
    ttft: armLatency(rows, arm, "ttft"),
    tpot: tpot ? armLatency(rows, arm, "tpot") : emptyHistogram(),
  };
  return sum;
}

export function addArmSum(target: WholeSum, source: WholeSum): void {
  addCounts(target, source);
  for (const time of LATENCY_TIMES) mergeInto(target.latency[time], source.latency[time]);
}

type Counts = Pick<WholeSum, "arrivals" | "counted" | "bad" | "outcomes">;

function addCounts(target: Counts, source: Counts): void {
  target.arrivals += source.arrivals;
  target.counted += source.counted;
  target.bad += source.bad;
  for (const outcome of OUTCOMES) {
    const count = source.outcomes[outcome];
    if (count !== undefined) target.outcomes[outcome] = (target.outcomes[outcome] ?? 0) + count;
  }
}

/** The sum of many, of which each histogram is put together at once: without what counts nothing. */
export function wholeSumOf(sums: readonly ArmSum[]): WholeSum {
  const total = emptyWholeSum();
  const counts = emptyWholeSum();
  for (const sum of sums) addCounts(counts, sum);
  const { arrivals, counted, bad, outcomes } = counts;
  Object.assign(total, { arrivals, counted, bad });
  for (const outcome of OUTCOMES) {
    const count = outcomes[outcome] ?? 0;
    if (count > 0) total.outcomes[outcome] = count;
  }
  for (const time of LATENCY_TIMES) {
    const merged = emptyHistogram();
    mergeAllInto(
      merged,
      sums.map(({ latency }) => latency[time]),
    );
    total.latency[time] = trimmed(merged);
  }
  return total;
}
