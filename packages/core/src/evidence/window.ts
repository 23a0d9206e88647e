// What a guard looks at: the last mature ticks, summed per arm.

import { emptyHistogram, type Histogram, mergeInto } from "../histogram.ts";
import { badOf, countedOf, type EvidenceRow } from "./row.ts";

/** One arm over some ticks. Latencies in milliseconds. JSON as it stands. */
export type ArmSum = {
  arrivals: number;
  /** Requests that say something about their version. */
  counted: number;
  bad: number;
  latency: { total: Histogram; ttft: Histogram; tpot: Histogram };
};

export function emptyArmSum(): ArmSum {
  return {
    arrivals: 0,
    counted: 0,
    bad: 0,
    latency: { total: emptyHistogram(), ttft: emptyHistogram(), tpot: emptyHistogram() },
  };
}

export function addRow(sum: ArmSum, row: EvidenceRow): void {
  sum.arrivals += row.arrivals;
  sum.counted += countedOf(row);
  sum.bad += badOf(row);
  mergeInto(sum.latency.total, row.latency.total);
  mergeInto(sum.latency.ttft, row.latency.ttft);
  mergeInto(sum.latency.tpot, row.latency.tpot);
}

export function addArmSum(target: ArmSum, source: ArmSum): void {
  target.arrivals += source.arrivals;
  target.counted += source.counted;
  target.bad += source.bad;
  mergeInto(target.latency.total, source.latency.total);
  mergeInto(target.latency.ttft, source.latency.ttft);
  mergeInto(target.latency.tpot, source.latency.tpot);
}
