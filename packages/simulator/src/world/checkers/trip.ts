// A worker trips only when requests of the candidate failed at it, one after the other; from then on it sends that
// candidate nobody, until the rollout is over. And where a trip is in the journal the rollout goes back, at once.
import type { RolloutEvent } from "@slipway/core";
import type { Worker, WorldEvent } from "../event.ts";
import type { Knowledge } from "../knowledge.ts";
import type { Checker, Objection } from "../record.ts";

/** Moves that an operator may still make between the trip and the rollback that follows it. */
const TURNS_UNTIL_ROLLBACK_MAX = 1;

class TripChecker implements Checker {
  readonly name = "trip";
  readonly #knowledge: Knowledge;
  /** Calls to the candidate that failed, by incarnation and rollout. */
  readonly #failed = new Map<string, number>();
  /** Journal entries since the trip of a rollout that has not rolled back. */
  readonly #due = new Map<string, number>();
  #trips = 0;

  constructor(knowledge: Knowledge) {
    this.#knowledge = knowledge;
  }

  on(event: WorldEvent, object: Objection): void {
    switch (event.kind) {
      case "attempt-ended":
        if (event.how !== "ended" || event.status >= 400) this.#count(event.worker, event.url);
        return;
      case "attempt-refused":
        this.#count(event.worker, event.url);
        return;
      case "tripped":
        this.#trip(event.worker, event.rolloutId, object);
        return;
      case "assigned":
        this.#assigned(event, object);
        return;
      case "committed":
        for (const change of event.changes) {
          if (change.kind !== "append") continue;
          this.#append(change.rolloutId, JSON.parse(change.text) as RolloutEvent, object);
        }
        return;
      default:
        return;
    }
  }

  atRest(object: Objection): void {
    for (const rolloutId of this.#due.keys()) object(`${rolloutId} tripped and stayed`);
  }

  summary(): string {
    return `${this.#trips} trips`;
  }

  #count(worker: Worker, url: string): void {
    const known = this.#knowledge.of(worker);
    if (!known.isCandidate(url)) return;
    const name = nameOf(worker, known.route?.split?.rolloutId ?? "");
    this.#failed.set(name, (this.#failed.get(name) ?? 0) + 1);
  }

  #trip(worker: Worker, rolloutId: string, object: Objection): void {
    this.#trips++;
    const name = nameOf(worker, rolloutId);
    const needed = this.#knowledge.of(worker).route?.trip.failures ?? 0;
    const failed = this.#failed.get(name) ?? 0;
    if (failed >= needed) return;
    object(`${name} tripped after ${failed} failed calls of the ${needed} that it takes`);
  }

  #assigned(
    { request, worker, url }: Extract<WorldEvent, { kind: "assigned" }>,
    object: Objection,
  ): void {
    const known = this.#knowledge.of(worker);
    if (!known.isCandidate(url) || !known.hasTripped) return;
    object(`request ${request} went to the candidate that ${worker.incarnation} had left`);
  }

  #append(rolloutId: string, event: RolloutEvent, object: Objection): void {
    if (event.type === "tripped") {
      const { incarnation } = event.trip;
      if (this.#knowledge.workers.get(incarnation)?.tripped.has(rolloutId) !== true) {
        object(`${rolloutId} is tripped by ${incarnation}, which did not leave its candidate`);
      }
      this.#due.set(rolloutId, 0);
      return;
    }
    const due = this.#due.get(rolloutId);
    if (due === undefined || event.type !== "moved") return;
    if (event.move.kind === "roll-back") {
      this.#due.delete(rolloutId);
      return;
    }
    this.#due.set(rolloutId, due + 1);
    if (due < TURNS_UNTIL_ROLLBACK_MAX) return;
    object(`${rolloutId} tripped, and then moved on: ${event.move.kind}`);
  }
}

export function tripChecker(knowledge: Knowledge): Checker {
  return new TripChecker(knowledge);
}

function nameOf({ incarnation }: Worker, rolloutId: string): string {
  return `${incarnation} ${rolloutId}`;
}
