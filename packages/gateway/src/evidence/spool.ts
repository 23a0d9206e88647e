// Rows of evidence that have not been sent. They coalesce by key; when there are too many, the oldest go, and
// are counted: the controller would have consumed their ticks without them by then.

import { type EvidenceRow, emptyRow, type RowKey } from "@slipway/core";

export class Spool {
  readonly #rowsMax: number;
  #rows = new Map<string, EvidenceRow>();
  #dropped = 0;

  constructor(rowsMax: number) {
    this.#rowsMax = rowsMax;
  }

  get size(): number {
    return this.#rows.size;
  }

  /** The unsent row of a key, made when there is none. `name` is the key's text. */
  row(name: string, key: RowKey): EvidenceRow {
    const known = this.#rows.get(name);
    if (known !== undefined) return known;
    if (this.#rows.size >= this.#rowsMax) this.#dropOldest();
    const row = emptyRow(key);
    this.#rows.set(name, row);
    return row;
  }

  #dropOldest(): void {
    let oldest: [string, EvidenceRow] | null = null;
    for (const entry of this.#rows) {
      if (oldest === null || entry[1].tick < oldest[1].tick) oldest = entry;
    }
    if (oldest === null) return;
    this.#rows.delete(oldest[0]);
    this.#dropped++;
  }

  /**
   * Everything so far, the oldest ticks first, and the number of rows dropped since the last time. They are the
   * caller's from now on.
   */
  take(): { readonly rows: readonly EvidenceRow[]; readonly dropped: number } {
    const rows = [...this.#rows.values()].sort((a, b) => a.tick - b.tick);
    const taken = { rows, dropped: this.#dropped };
    this.#rows = new Map();
    this.#dropped = 0;
    return taken;
  }
}
