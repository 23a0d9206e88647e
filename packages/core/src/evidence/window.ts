// What a guard looks at: the last mature ticks, summed per arm.

import { emptyHistogram, type Histogram, mergeHistogramsInto, mergeInto } from "../histogram.ts";
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
  target.arrivals += source.arrivals;
  target.counted += source.counted;
  target.bad += source.bad;
  for (const outcome of OUTCOMES) {
    const count = source.outcomes[outcome];
    if (count !== undefined) target.outcomes[outcome] = (target.outcomes[outcome] ?? 0) + count;
  }
  mergeHistogramsInto(target.lengths.total, source.lengths.total);
  mergeHistogramsInto(target.lengths.tpot, source.lengths.tpot);
  mergeInto(target.latency.total, source.latency.total);
  mergeInto(target.latency.ttft, source.latency.ttft);
  mergeInto(target.latency.tpot, source.latency.tpot);
}
