// A table counts as confirmed, and a rollback as ended, only when every worker routes by that table or has no lease
// left, whatever the controller believes; who had not confirmed is named. A candidate has drained when no worker with
// a lease serves a request of it any more.
import type { Change } from "@slipway/controller";
import type { RolloutEvent } from "@slipway/core";
import { nameOf, type Worker, type WorldEvent } from "../event.ts";
import type { Knowledge } from "../knowledge.ts";
import type { Checker, Objection } from "../record.ts";

type Confirmed = Extract<RolloutEvent, { type: "confirmed" }>;

/** A call to a candidate that has not ended. */
type Flight = { readonly rolloutId: string; readonly worker: Worker; readonly url: string };

class Confirmation implements Checker {
  readonly name = "confirmation";
  readonly #knowledge: Knowledge;
  readonly #flights = new Map<number, Flight>();
  #seen = 0;

  constructor(knowledge: Knowledge) {
    this.#knowledge = knowledge;
  }

  on(event: WorldEvent, object: Objection): void {
    if (event.kind === "assigned") this.#started(event);
    if (event.kind === "attempt-ended" && this.#flights.get(event.request)?.url === event.url) {
      this.#flights.delete(event.request);
    }
    if (event.kind !== "committed") return;
    for (const change of event.changes) {
      if (change.kind === "append") this.#append(change, object);
    }
  }

  summary(): string {
    return `${this.#seen} tables were confirmed`;
  }

  #started({ request, worker, url }: Extract<WorldEvent, { kind: "assigned" }>): void {
    const known = this.#knowledge.of(worker);
    const rolloutId = known.route?.split?.rolloutId;
    if (rolloutId === undefined || !known.isCandidate(url)) return;
    this.#flights.set(request, { rolloutId, worker, url });
  }

  #append(change: Extract<Change, { kind: "append" }>, object: Objection): void {
    const entry = JSON.parse(change.text) as RolloutEvent;
    if (entry.type === "confirmed") this.#confirmed(change.rolloutId, entry, object);
    if (entry.type === "drained") this.#drained(change.rolloutId, object);
  }

  #confirmed(id: string, entry: Confirmed, object: Objection): void {
    this.#seen++;
    for (const known of this.#knowledge.workers.values()) {
      const { worker, table, isAlive, hasLeft, grantedEndMs } = known;
      if (!isAlive || hasLeft || (table?.number ?? 0) >= entry.table) continue;
      const leftMs = grantedEndMs - worker.clock.mono();
      const what = `table ${entry.table} of ${id} is called confirmed, but ${worker.incarnation} has table ${table?.number ?? "none"}`;
      if (leftMs > 0) object(`${what} and a lease for ${leftMs} ms more`);
      // It had a lease when the table was minted, or the controller thought so until it ran out.
      else if (leftMs > -entry.confirmMs / 2 && !entry.expired.includes(nameOf(worker))) {
        object(`${what}, and is not named`);
      }
    }
  }

  #drained(id: string, object: Objection): void {
    for (const [request, { rolloutId, worker }] of this.#flights) {
      const known = this.#knowledge.of(worker);
      const member = this.#knowledge.members.get(worker.incarnation);
      const isLeased = member !== undefined && member.leaseMs > 0 && member.expiredAtMs === null;
      if (rolloutId !== id || !known.isAlive || !isLeased) continue;
      object(`${id} is called drained; request ${request} of ${worker.incarnation} goes on`);
    }
  }
}

export function confirmationChecker(knowledge: Knowledge): Checker {
  return new Confirmation(knowledge);
}
