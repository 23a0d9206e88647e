// What a guard looks at: the last mature ticks, summed per arm.

import {
  emptyHistogram,
  type Histogram,
  mergeAllInto,
  mergeHistogramsInto,
  mergeInto,
} from "../histogram.ts";
import { badOf, countedOf, type EvidenceRow, OUTCOMES } from "./row.ts";

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

export function emptyArmSum(): ArmSum {
  return {
    arrivals: 0,
    counted: 0,
    bad: 0,
    outcomes: {},
    lengths: { total: [], tpot: [] },
    latency: { total: emptyHistogram(), ttft: emptyHistogram(), tpot: emptyHistogram() },
  };
}

export function addRow(sum: ArmSum, row: EvidenceRow): void {
  addArmSum(sum, { ...row, counted: countedOf(row), bad: badOf(row) });
}

export function addArmSum(target: ArmSum, source: ArmSum): void {
  addCounts(target, source);
  mergeHistogramsInto(target.lengths.total, source.lengths.total);
  mergeHistogramsInto(target.lengths.tpot, source.lengths.tpot);
  mergeInto(target.latency.total, source.latency.total);
  mergeInto(target.latency.ttft, source.latency.ttft);
  mergeInto(target.latency.tpot, source.latency.tpot);
}

function addCounts(target: WholeSum, source: WholeSum): void {
  target.arrivals += source.arrivals;
  target.counted += source.counted;
  target.bad += source.bad;
  for (const outcome of OUTCOMES) {
    const count = source.outcomes[outcome];
    if (count !== undefined) target.outcomes[outcome] = (target.outcomes[outcome] ?? 0) + count;
  }
}

/** An arm whatever the length of its answers. */
export type WholeSum = Omit<ArmSum, "lengths">;

/** The sum of many, of which each histogram is put together at once. */
export function wholeSumOf(sums: readonly ArmSum[]): WholeSum {
  const { lengths: _, ...total } = emptyArmSum();
  for (const sum of sums) addCounts(total, sum);
  for (const time of ["total", "ttft", "tpot"] as const) {
    mergeAllInto(
      total.latency[time],
      sums.map(({ latency }) => latency[time]),
    );
  }
  return total;
}

export function sumOfArms(sums: readonly ArmSum[]): ArmSum {
  const total = { ...emptyArmSum(), ...wholeSumOf(sums) };
  for (const time of ["total", "tpot"] as const) {
    const classes = Math.max(0, ...sums.map(({ lengths }) => lengths[time].length));
    for (let place = 0; place < classes; place++) {
      const merged = emptyHistogram();
      mergeAllInto(
        merged,
        sums.flatMap(({ lengths }) => lengths[time][place] ?? []),
      );
      total.lengths[time].push(merged);
    }
  }
  return total;
}
