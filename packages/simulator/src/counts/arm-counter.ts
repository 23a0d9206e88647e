// Counts an arm's plain requests and their latencies, and nothing else of them: all that another tool's rule is shown.
import type { EvidenceRow } from "@slipway/core";
import { NONE } from "./answer-pool.ts";
import { BinCounts } from "./bin-counts.ts";
import type { PeopleColumns } from "./crowd.ts";
import type { PlainRequests } from "./plain-requests.ts";
import type { Mixture } from "./surface.ts";

export class ArmCounter {
  readonly #bins = new BinCounts();
  #row: EvidenceRow | null = null;
  #requests = 0;

  begin(row: EvidenceRow): void {
    this.#row = row;
  }

  /** As a `RowCounter` is told of them. */
  addAll(
    { length, isHigh, place }: PlainRequests,
    _people: PeopleColumns,
    { low, high }: Mixture,
  ): void {
    this.#requests += length;
    for (let at = 0; at < length; at++) {
      const pool = isHigh[at] === 1 ? high : low;
      this.#bins.add(pool.totalBin[place[at] ?? 0] ?? NONE);
    }
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
