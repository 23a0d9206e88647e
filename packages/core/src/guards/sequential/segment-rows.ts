// A tick's rows by segment, with the latencies of each arm put together: many guards count the same rows, so that this is
// done once for all of them.

import type { EvidenceRow, ServingArm } from "../../evidence/row.ts";
import { emptyHistogram, type Histogram, mergeAllInto } from "../../histogram.ts";
import { type BucketEnded, bucketEndedOf, type Ended, endedOf } from "../counting.ts";

/** How many of an arm's values lie above each bin. */
export type Tail = {
  readonly n: number;
  /** Values over every limit. */
  readonly over: number;
  readonly above: (bin: number) => number;
};

export class SegmentRows {
  readonly segment: string;
  readonly rows: readonly EvidenceRow[];
  readonly #tails: { readonly [arm in ServingArm]: Map<string, Tail> } = {
    stable: new Map(),
    candidate: new Map(),
  };
  readonly #ended: { [arm in ServingArm]?: Ended } = {};
  readonly #inBucket = new Map<string, BucketEnded>();

  constructor(segment: string, rows: readonly EvidenceRow[]) {
    this.segment = segment;
    this.rows = rows;
  }

  /** How an arm's requests ended. */
  ended(arm: ServingArm): Ended {
    const ended = this.#ended[arm] ?? endedOf(this.rows, arm);
    this.#ended[arm] = ended;
    return ended;
  }

  /** How those of one key bucket ended. */
  inBucket(arm: ServingArm, bucket: number): BucketEnded {
    const key = `${arm} ${bucket}`;
    const ended = this.#inBucket.get(key) ?? bucketEndedOf(this.rows, arm, bucket);
    this.#inBucket.set(key, ended);
    return ended;
  }

  /** `what` names the histogram that `histogramOf` takes from a row. */
  tail(
    arm: ServingArm,
    what: string,
    histogramOf: (row: EvidenceRow) => Histogram | undefined,
  ): Tail {
    const known = this.#tails[arm].get(what);
    if (known !== undefined) return known;
    const own: Histogram[] = [];
    for (const row of this.rows) {
      const histogram = row.arm === arm ? histogramOf(row) : undefined;
      if (histogram !== undefined) own.push(histogram);
    }
    const tail = tailOf(together(own));
    this.#tails[arm].set(what, tail);
    return tail;
  }
}

const NOTHING = emptyHistogram();

function together(histograms: readonly Histogram[]): Histogram {
  const [first = NOTHING] = histograms;
  if (histograms.length < 2) return first;
  const sum = emptyHistogram();
  mergeAllInto(sum, histograms);
  return sum;
}

function tailOf({ first, counts, over }: Histogram): Tail {
  // By place: those of this bin and all above it.
  const from = new Array<number>(counts.length);
  let sum = over;
  for (let place = counts.length - 1; place >= 0; place--) {
    sum += counts[place] ?? 0;
    from[place] = sum;
  }
  return { n: sum, over, above: (bin) => from[Math.max(0, bin + 1 - first)] ?? over };
}

export function grouped(
  rows: readonly EvidenceRow[],
  segmentOf: (row: EvidenceRow) => string,
): readonly SegmentRows[] {
  const groups = new Map<string, EvidenceRow[]>();
  for (const row of rows) {
    const segment = segmentOf(row);
    const group = groups.get(segment);
    if (group === undefined) groups.set(segment, [row]);
    else group.push(row);
  }
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([segment, own]) => new SegmentRows(segment, own));
}
