// One request as the fast trip sees it: what became of it on the candidate, and on stable.

import { isHardFailure, type Outcome, type ServingArm } from "@slipway/core";
import type { Destination } from "../table/routing.ts";
import type { TripWatch } from "../trip/trips.ts";

/** Of a request on its way, what the trip looks at. */
type Travelling = {
  readonly arm: ServingArm;
  readonly answeringArm: ServingArm;
  readonly destination: Destination;
  readonly startedMs: number;
};

export class Watched {
  readonly #watch: TripWatch;
  readonly #passage: Travelling;
  readonly #table: number;
  /** Null for a request that did not go to the candidate. */
  readonly #number: number | null;

  constructor(watch: TripWatch, passage: Travelling, table: number, key: string | null) {
    this.#watch = watch;
    this.#passage = passage;
    this.#table = table;
    this.#number = passage.arm === "candidate" ? watch.arrive(key, passage.startedMs) : null;
  }

  /** The request is on its way to stable, because the candidate failed like this. */
  replayed(outcome: Outcome): void {
    // Whose fault a 4xx is, stable's answer has to show.
    if (this.#number === null || outcome === "client_error") return;
    if (this.#watch.candidate(this.#number, outcome, false)) this.#judge();
  }

  /** Stable's answer begins: a sign of life, however long it takes. */
  stableBegan(): void {
    if (this.#watch.stable(this.#passage.startedMs, false)) this.#judge();
  }

  /** The request has ended: as the assigned arm is judged, and as the arm that answered it did. */
  ended(judged: Outcome, answered: Outcome, hadBegun: boolean): void {
    const isStables = this.#passage.answeringArm === "stable";
    let isTelling = false;
    if (isStables && answered !== "ok" && isHardFailure(answered, hadBegun)) {
      isTelling = this.#watch.stable(this.#passage.startedMs, true);
    }
    if (
      this.#number !== null &&
      this.#watch.candidate(this.#number, judged, hadBegun && !isStables)
    ) {
      isTelling = true;
    }
    if (isTelling) this.#judge();
  }

  #judge(): void {
    const { destination } = this.#passage;
    const { inFlight, queued } = destination.stable;
    this.#watch.judge(destination.route, this.#table, inFlight + queued > 0);
  }
}
