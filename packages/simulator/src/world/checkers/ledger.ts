// The world's own account of every request that is evidence: in which tick it arrived, and what its user saw. Workers
// learn the controller's time by and by, so a request at a tick's edge may stand on either side of it.
import type { ServingArm, Tick } from "@slipway/core";
import type { WorldEvent } from "../event.ts";
import type { Knowledge, KnownWorker, TimeRange } from "../knowledge.ts";

/** What a count may be. */
export type CountRange = { readonly least: number; readonly most: number };

type Entry = {
  readonly known: KnownWorker;
  readonly arm: ServingArm;
  readonly arrived: TimeRange;
  /** On the worker's monotonic clock. */
  readonly startedMs: number;
  readonly horizonMs: number;
  /** Whether it may belong to the tick before or after as well. */
  readonly isAtEdge: boolean;
  /** Null until it is answered. */
  good: "yes" | "no" | "perhaps" | null;
};

/** A worker judges what is overdue every so often; and sums of times differ in their last bits. */
const SLACK_MS = 30;

export class Ledger {
  readonly #knowledge: Knowledge;
  readonly #entries = new Map<string, Entry[]>();
  readonly #open = new Map<number, Entry>();

  constructor(knowledge: Knowledge) {
    this.#knowledge = knowledge;
  }

  assigned({ request, worker, key, url }: Extract<WorldEvent, { kind: "assigned" }>): void {
    const known = this.#knowledge.of(worker);
    const sample = known.sampleOf(key, url);
    const evidence = known.route?.evidence;
    if (sample === null || evidence === undefined) return;
    const { tickMs, horizonMs } = evidence;
    const arrived = known.timeMs();
    const first = Math.floor((arrived.earliestMs - SLACK_MS) / tickMs);
    const last = Math.floor((arrived.latestMs + SLACK_MS) / tickMs);
    const entry: Entry = {
      known,
      arm: sample.arm,
      arrived,
      startedMs: worker.clock.mono(),
      horizonMs,
      isAtEdge: first < last,
      good: null,
    };
    this.#open.set(request, entry);
    for (let tick = first; tick <= last; tick++) {
      const name = `${sample.rolloutId} ${tick}`;
      const entries = this.#entries.get(name) ?? [];
      entries.push(entry);
      this.#entries.set(name, entries);
    }
  }

  answered({ request, seen }: Extract<WorldEvent, { kind: "answered" }>): void {
    const entry = this.#open.get(request);
    if (entry === undefined) return;
    this.#open.delete(request);
    // By the controller's time, as ticks are: where that jumps or stands still, so do horizons. After a jump an answer
    // may come before the worker has looked again.
    const { arrived, horizonMs, known, startedMs } = entry;
    const ended = known.timeMs();
    const tookMs = known.worker.clock.mono() - startedMs;
    const tookMsMin = Math.min(tookMs, ended.earliestMs - arrived.latestMs);
    const tookMsMax = ended.latestMs - arrived.earliestMs;
    if (seen.error !== null || seen.replayedFrom !== null) entry.good = "no";
    else if (tookMsMax < horizonMs - SLACK_MS) entry.good = "yes";
    else entry.good = tookMsMin > horizonMs + SLACK_MS ? "no" : "perhaps";
  }

  /** What a tick may hold of an arm, when it holds everything of the incarnations that it covers. */
  count(
    { rolloutId, tick }: Tick,
    arm: ServingArm,
    covered: ReadonlySet<string>,
  ): { readonly arrivals: CountRange; readonly ok: CountRange } {
    const entries = (this.#entries.get(`${rolloutId} ${tick}`) ?? []).filter(
      (entry) => entry.arm === arm,
    );
    const sure = entries.filter(
      ({ known, isAtEdge }) => !isAtEdge && covered.has(known.worker.incarnation),
    );
    return {
      arrivals: { least: sure.length, most: entries.length },
      ok: {
        least: sure.filter(({ good }) => good === "yes").length,
        most: entries.filter(({ good }) => good === "yes" || good === "perhaps").length,
      },
    };
  }
}
