// Values counted by their bins, in an array that is used again from row to row: a row takes what it needs of it.
import { BIN_MAX, BIN_MIN, type Histogram, mergeInto } from "@slipway/core";
import { NONE } from "./answer-pool.ts";

export class BinCounts {
  readonly #counts = new Int32Array(BIN_MAX - BIN_MIN + 1);
  #low = Number.POSITIVE_INFINITY;
  #high = Number.NEGATIVE_INFINITY;

  /** One value; none is not counted. */
  add(bin: number): void {
    if (bin === NONE) return;
    const place = bin - BIN_MIN;
    this.#counts[place] = (this.#counts[place] ?? 0) + 1;
    if (place < this.#low) this.#low = place;
    if (place > this.#high) this.#high = place;
  }

  get isEmpty(): boolean {
    return this.#high < this.#low;
  }

  /** Adds them to a histogram, and begins anew. */
  pourInto(target: Histogram): void {
    if (this.isEmpty) return;
    const all = this.#counts;
    const counts = new Array<number>(this.#high - this.#low + 1);
    for (let place = this.#low; place <= this.#high; place++) {
      counts[place - this.#low] = all[place] ?? 0;
      all[place] = 0;
    }
    addTo(target, this.#low + BIN_MIN, counts);
    this.#low = Number.POSITIVE_INFINITY;
    this.#high = Number.NEGATIVE_INFINITY;
  }
}

/** Adds values by their bins: as recording each, with room made once. */
export function pourInto(target: Histogram, bins: Int32Array, length: number): void {
  if (length === 0) return;
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < length; at++) {
    const bin = bins[at] ?? 0;
    if (bin < first) first = bin;
    if (bin > last) last = bin;
  }
  const counts = new Array<number>(last - first + 1).fill(0);
  for (let at = 0; at < length; at++) {
    const place = (bins[at] ?? 0) - first;
    counts[place] = (counts[place] ?? 0) + 1;
  }
  addTo(target, first, counts);
}

function addTo(target: Histogram, first: number, counts: number[]): void {
  if (target.counts.length > 0) mergeInto(target, { first, counts, over: 0 });
  else {
    target.first = first;
    target.counts = counts;
  }
}
