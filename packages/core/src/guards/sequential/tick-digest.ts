// A tick's rows, digested: what many guards ask of the same rows is put together once for all of them. By segment for what
// is compared, see `segment-rows.ts`; by key bucket of the users here, which tells how much users differ.

import { isAbove } from "../../evidence/pace.ts";
import { type EvidenceRow, KEY_BUCKETS, type ServingArm } from "../../evidence/row.ts";
import { BINS_PER_OCTAVE } from "../../histogram.ts";
import { Newest } from "../../newest.ts";
import type { BucketCounts, Mishapped } from "../counting.ts";
import type { LatencyTime } from "../guard.ts";
import { grouped, type SegmentRows } from "./segment-rows.ts";

/** By key bucket; null for no requests in any. */
type Places = readonly number[] | null;

type SlowCounts = { readonly all: Places; readonly above: Places };

class TickDigest {
  readonly rows: readonly EvidenceRow[];
  /** In the order of their names. */
  readonly segments: readonly SegmentRows[];
  /** Whether anything was heard of answers. */
  readonly hasFeedback: boolean;
  /** Replicas of the candidate that answered, in the order of rows. */
  readonly replicas: readonly string[];
  readonly #buckets: { [of in ServingArm | "both"]?: BucketDigest } = {};

  constructor(rows: readonly EvidenceRow[]) {
    this.rows = rows;
    this.segments = grouped(rows, ({ segment }) => segment);
    this.hasFeedback = rows.some(({ feedback }) => feedback !== null);
    const own = rows.filter(({ arm }) => arm === "candidate");
    this.replicas = [...new Set(own.flatMap(({ replicas }) => Object.keys(replicas)))];
  }

  /** Of a segment alone; the same array for whoever asks. */
  rowsOf(segment: string): readonly EvidenceRow[] {
    return this.segments.find((one) => one.segment === segment)?.rows ?? NO_ROWS;
  }

  buckets(of: ServingArm | "both"): BucketDigest {
    const known = this.#buckets[of];
    if (known !== undefined) return known;
    const rows = of === "both" ? this.rows : this.rows.filter(({ arm }) => arm === of);
    const made = new BucketDigest(rows);
    this.#buckets[of] = made;
    return made;
  }
}

const NO_ROWS: readonly EvidenceRow[] = [];

/** Some rows by key bucket. */
class BucketDigest {
  readonly rows: readonly EvidenceRow[];
  readonly #arrivals: Places;
  readonly #bad: Places;
  #mishaps: ReadonlyMap<string, number[]> | null = null;
  readonly #slow = new Map<string, SlowCounts>();

  constructor(rows: readonly EvidenceRow[]) {
    this.rows = rows;
    this.#arrivals = together(rows.map(({ buckets }) => buckets.arrivals));
    this.#bad = together(rows.map(({ buckets }) => buckets.bad));
  }

  plusArrivals(before: readonly number[]): readonly number[] {
    return plus(before, this.#arrivals);
  }

  /** Requests and those with a mishap, added to what there was. All arrivals stand for those that count. */
  plus(before: BucketCounts, mishaps: Mishapped): BucketCounts {
    const arrivals = plus(before.arrivals, this.#arrivals);
    if (mishaps === "all") return { arrivals, bad: plus(before.bad, this.#bad) };
    this.#mishaps ??= mishapsIn(this.rows);
    let { bad } = before;
    for (const mishap of mishaps) bad = plus(bad, this.#mishaps.get(mishap) ?? null);
    return { arrivals, bad };
  }

  /** The same of latencies above a bin, by the nearest octave: who is slow there is who is slow. */
  plusSlow(before: BucketCounts, time: LatencyTime, edge: number): BucketCounts {
    const nearest = Math.round(edge / BINS_PER_OCTAVE);
    const key = `${time} ${nearest}`;
    const slow = this.#slow.get(key) ?? slowIn(this.rows, time, nearest);
    this.#slow.set(key, slow);
    return { arrivals: plus(before.arrivals, slow.all), bad: plus(before.bad, slow.above) };
  }
}

function mishapsIn(rows: readonly EvidenceRow[]): ReadonlyMap<string, number[]> {
  const sums = new Map<string, number[]>();
  for (const { buckets } of rows) {
    for (const bucket in buckets.mishaps) {
      const place = Number(bucket);
      if (place >= KEY_BUCKETS) continue;
      const own: { readonly [mishap: string]: number } = buckets.mishaps[bucket] ?? {};
      for (const mishap in own) {
        const sum = placesIn(sums, mishap);
        sum[place] = (sum[place] ?? 0) + (own[mishap] ?? 0);
      }
    }
  }
  return sums;
}

function slowIn(rows: readonly EvidenceRow[], time: LatencyTime, nearest: number): SlowCounts {
  const [all, above] = [zeros(), zeros()];
  let isAny = false;
  for (const { buckets } of rows) {
    const pace = buckets.pace[time];
    for (const octave in pace) {
      const counts = pace[octave] ?? [];
      addTo(all, counts);
      if (isAbove(octave, nearest)) isAny = addTo(above, counts) || isAny;
    }
  }
  return { all, above: isAny ? above : null };
}

function placesIn(sums: Map<string, number[]>, name: string): number[] {
  const known = sums.get(name);
  if (known !== undefined) return known;
  const made = zeros();
  sums.set(name, made);
  return made;
}

function zeros(): number[] {
  return new Array<number>(KEY_BUCKETS).fill(0);
}

function addTo(sums: number[], counts: readonly number[]): boolean {
  const end = Math.min(KEY_BUCKETS, counts.length);
  let isSome = false;
  for (let place = 0; place < end; place++) {
    const count = counts[place] ?? 0;
    if (count === 0) continue;
    sums[place] = (sums[place] ?? 0) + count;
    isSome = true;
  }
  return isSome;
}

function together(all: readonly (readonly number[])[]): Places {
  const sums = zeros();
  let isSome = false;
  for (const counts of all) isSome = addTo(sums, counts) || isSome;
  return isSome ? sums : null;
}

function plus(before: readonly number[], added: Places): readonly number[] {
  if (added === null) return before;
  const sums = before.slice();
  addTo(sums, added);
  return sums;
}

/** A tick's rows all together, those of them that were split, and those of segments that guards are confined to. */
const KEPT_MAX = 4;
const KNOWN = new Newest<readonly EvidenceRow[], TickDigest>(KEPT_MAX);

export function digestOf(rows: readonly EvidenceRow[]): TickDigest {
  return KNOWN.of(rows, () => new TickDigest(rows));
}
