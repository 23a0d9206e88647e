// The controller's side of watches for drift, in memory and by core's own rules.

import {
  type DriftBook,
  type DriftOrder,
  EMPTY_DRIFT_BOOK,
  newWatch,
  watchOf,
  withBaselineTaken,
  withLook,
} from "@slipway/core";
import type { Drifting, Served } from "@slipway/preflight";
import type { DriftView } from "@slipway/wire";

export class MemoryDrifting implements Drifting {
  book: DriftBook = EMPTY_DRIFT_BOOK;
  dayMs = 0;
  readonly #order: DriftOrder;
  readonly #served: readonly Served[];

  constructor(order: DriftOrder, served: readonly Served[]) {
    this.#order = order;
    this.#served = served;
  }

  readonly view: Drifting["view"] = () => Promise.resolve(this.#shown());

  readonly takeBaseline: Drifting["takeBaseline"] = (request) => {
    const { replaces, ...taken } = request;
    const watch = newWatch(
      { ...taken, number: replaces + 1, atMs: this.dayMs, by: "ann" },
      this.#order,
    );
    if (watch === null) return Promise.reject(new Error("thin"));
    this.book = withBaselineTaken(this.book, watch);
    return Promise.resolve(this.#shown());
  };

  readonly look: Drifting["look"] = ({ fingerprint, round }) => {
    this.dayMs += 86_400_000;
    const after = withLook(this.book, fingerprint, round, { atMs: this.dayMs, by: "ann" });
    if (after === null) return Promise.reject(new Error("not watched"));
    this.book = after;
    return Promise.resolve(this.#shown());
  };

  #shown(): DriftView {
    return {
      model: "coder",
      order: this.#order,
      versions: this.#served.map(({ version: { id, fingerprint, upstreams } }) => ({
        ...{ id, fingerprint, upstreams, scheduled: false, lapse: null },
        watch: watchOf(this.book, fingerprint),
      })),
      entries: this.book.entries,
    };
  }
}
