// Counts an arm's plain requests and their latencies, and nothing else of them: all that another tool's rule is shown.
import type { EvidenceRow } from "@slipway/core";
import { type AnswerPool, NONE } from "./answer-pool.ts";
import type { Person } from "./crowd.ts";
import { pourInto } from "./row-counter.ts";

const REQUESTS_AT_FIRST = 1_024;

export class ArmCounter {
  #row: EvidenceRow | null = null;
  #bins = new Int32Array(REQUESTS_AT_FIRST);
  #length = 0;

  begin(row: EvidenceRow): void {
    this.#row = row;
    this.#length = 0;
  }

  /** As a `RowCounter` is told of them. */
  add(_person: Person, _replica: number, _inFlight: number, pool: AnswerPool, place: number): void {
    if (this.#length === this.#bins.length) {
      const grown = new Int32Array(2 * this.#bins.length);
      grown.set(this.#bins);
      this.#bins = grown;
    }
    this.#bins[this.#length++] = pool.totalBin[place] ?? NONE;
  }

  end(): void {
    const row = this.#row;
    const n = this.#length;
    if (row === null || n === 0) return;
    row.arrivals += n;
    row.judged += n;
    row.outcomes.ok = (row.outcomes.ok ?? 0) + n;
    pourInto(row.latency.total, this.#bins, n);
    this.#length = 0;
  }
}
