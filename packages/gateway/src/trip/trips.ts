// What this worker knows of the candidates of its table, request by request, so that it can leave one that is plainly
// broken by itself, before any controller could say so.

import {
  arriveInWalk,
  emptyWalk,
  forgetWalk,
  isHardFailure,
  judgeTrip,
  murmur3,
  type Outcome,
  type Route,
  StableResults,
  settleInWalk,
  type TripReport,
} from "@slipway/core";

/** Another seed than assignment's: the candidate's users have its low slots in common. */
const USER_SEED = 0x7219;

/** One rollout as this worker sees it. */
export class TripWatch {
  readonly rolloutId: string;
  readonly #onTrip: (report: TripReport) => void;
  readonly #walk = emptyWalk();
  readonly #stable = new StableResults();
  #waits = false;
  #isTripped = false;

  constructor(rolloutId: string, onTrip: (report: TripReport) => void) {
    this.rolloutId = rolloutId;
    this.#onTrip = onTrip;
  }

  get isTripped(): boolean {
    return this.#isTripped;
  }

  /** A request goes to the candidate; `key` is its user's, null without one. Returns its number. */
  arrive(key: string | null, nowMs: number): number {
    // 0 stands for nobody.
    const user = key === null ? 0 : murmur3(key, USER_SEED) || 1;
    return arriveInWalk(this.#walk, user, nowMs);
  }

  /** How the candidate answered, or failed to. True where that may be worth a judgement. */
  candidate(number: number, outcome: Outcome, hadBegun: boolean): boolean {
    const isHard = isHardFailure(outcome, hadBegun);
    settleInWalk(this.#walk, number, isHard || outcome === "ok" ? outcome : null);
    return isHard;
  }

  /** How stable answered a request that had arrived then. True where a judgement waits for it. */
  stable(arrivedMs: number, failed: boolean): boolean {
    this.#stable.add(arrivedMs, failed);
    return this.#waits;
  }

  judge(route: Route, table: number, isStableOpen: boolean): void {
    if (this.#isTripped) return;
    const judgement = judgeTrip(this.#walk, this.#stable, route.trip, isStableOpen);
    this.#waits = judgement.kind === "wait";
    if (judgement.kind === "shared") forgetWalk(this.#walk);
    if (judgement.kind !== "trip") return;
    this.#isTripped = true;
    this.#onTrip({ rolloutId: this.rolloutId, table, ...judgement.report });
  }

  /** Another worker of this gateway has tripped. */
  follow(): void {
    this.#isTripped = true;
  }
}

export type TripEvents = {
  /** This worker leaves the candidate; told once a rollout. */
  readonly tripped: (report: TripReport) => void;
};

/** The rollouts of the worker's table. */
export class Trips {
  readonly #events: TripEvents;
  readonly #watches = new Map<string, TripWatch>();
  readonly #reports = new Map<string, TripReport>();

  constructor(events: TripEvents) {
    this.#events = events;
  }

  /** Null where the route has no rollout, or does not trip. */
  watchOf({ split, trip }: Route): TripWatch | null {
    if (split === null || !trip.enabled) return null;
    const known = this.#watches.get(split.rolloutId);
    if (known !== undefined) return known;
    const watch = new TripWatch(split.rolloutId, (report) => this.#tripped(report));
    this.#watches.set(split.rolloutId, watch);
    return watch;
  }

  #tripped(report: TripReport): void {
    // Its last requests may end after the rollout has left the table.
    if (!this.#watches.has(report.rolloutId)) return;
    this.#reports.set(report.rolloutId, report);
    this.#events.tripped(report);
  }

  /** Another worker of this gateway has left this rollout's candidate. */
  follow(route: Route): void {
    this.watchOf(route)?.follow();
  }

  /** For the controller: it hears of a trip until its table no longer has the rollout. */
  reports(): readonly TripReport[] {
    return [...this.#reports.values()];
  }

  /** The rollouts whose candidate this worker left, itself or after another. */
  list(): readonly string[] {
    return [...this.#watches.values()]
      .filter(({ isTripped }) => isTripped)
      .map(({ rolloutId }) => rolloutId);
  }

  /** A newer table: what is no longer under way is forgotten. */
  keepOnly(routes: readonly Route[]): void {
    const underWay = new Set(routes.map(({ split }) => split?.rolloutId));
    for (const id of this.#watches.keys()) {
      if (underWay.has(id)) continue;
      this.#watches.delete(id);
      this.#reports.delete(id);
    }
  }
}
