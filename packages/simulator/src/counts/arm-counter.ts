// Counts an arm's plain requests and their latencies, and nothing else of them: all that another tool's rule is shown.
import type { EvidenceRow } from "@slipway/core";
import { type AnswerPool, NONE } from "./answer-pool.ts";
import { BinCounts } from "./bin-counts.ts";
import type { Person } from "./crowd.ts";

export class ArmCounter {
  readonly #bins = new BinCounts();
  #row: EvidenceRow | null = null;
  #requests = 0;

  begin(row: EvidenceRow): void {
    this.#row = row;
  }

  /** As a `RowCounter` is told of them. */
  add(_person: Person, _replica: number, _inFlight: number, pool: AnswerPool, place: number): void {
    this.#requests++;
    this.#bins.add(pool.totalBin[place] ?? NONE);
  }

  end(): void {
    const row = this.#row;
    const n = this.#requests;
    if (row === null || n === 0) return;
    row.arrivals += n;
    row.judged += n;
    row.outcomes.ok = (row.outcomes.ok ?? 0) + n;
    this.#bins.pourInto(row.latency.total);
    this.#requests = 0;
  }
}
