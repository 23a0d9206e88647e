// Nothing is counted twice, and nothing that a worker lived to report is lost: what requests a worker assigned equals
// what its frames say, and what the stored frames say equals what the store holds, waiting, consumed and late.
import type { Change } from "@slipway/controller";
import type { EvidenceRow, Tick } from "@slipway/core";
import type { Frame } from "@slipway/wire";
import type { Worker, WorldEvent } from "../event.ts";
import type { Knowledge } from "../knowledge.ts";
import type { Checker, Objection } from "../record.ts";

/** Arrivals of one rollout, by where they are. */
type Book = {
  /** In frames that were stored while the rollout was open. */
  reported: number;
  /** Rows that wait, by tick and key. */
  readonly waiting: Map<number, Map<string, number>>;
  consumed: number;
  late: number;
  isOpen: boolean;
};

class Counting implements Checker {
  readonly name = "counting";
  readonly #knowledge: Knowledge;
  /** Requests that are evidence, by incarnation and then by rollout, table and arm. */
  readonly #assigned = new Map<string, Map<string, number>>();
  readonly #framed = new Map<string, Map<string, number>>();
  readonly #frames = new Map<string, Map<number, Frame>>();
  readonly #books = new Map<string, Book>();

  constructor(knowledge: Knowledge) {
    this.#knowledge = knowledge;
  }

  on(event: WorldEvent, object: Objection): void {
    if (event.kind === "assigned") this.#count(event.worker, event.key, event.url);
    if (event.kind === "frame-sent") this.#frame(event.worker, event.frame, object);
    if (event.kind !== "committed") return;
    for (const { rows } of this.#knowledge.justStored) {
      for (const row of rows) {
        const book = this.#books.get(row.rolloutId);
        if (book?.isOpen === true) book.reported += row.arrivals;
      }
    }
    for (const change of event.changes) this.#store(change, object);
    for (const [id, book] of this.#books) balance(id, book, object);
  }

  atRest(object: Objection): void {
    for (const [incarnation, assigned] of this.#assigned) {
      if (this.#knowledge.workers.get(incarnation)?.isAlive !== true) continue;
      this.#compare(incarnation, assigned, object);
      const sent = Math.max(0, ...(this.#frames.get(incarnation)?.keys() ?? []));
      const stored = this.#knowledge.members.get(incarnation)?.sequence ?? 0;
      if (sent - stored > 1) object(`${incarnation} sent frame ${sent}, but ${stored} are stored`);
    }
  }

  #count(worker: Worker, key: string, url: string): void {
    const sample = this.#knowledge.of(worker).sampleOf(key, url);
    if (sample === null) return;
    const { rolloutId, table, arm } = sample;
    add(this.#assigned, worker.incarnation, `${rolloutId} table ${table} ${arm}`, 1);
  }

  #frame({ incarnation }: Worker, frame: Frame, object: Objection): void {
    const frames = this.#frames.get(incarnation) ?? new Map<number, Frame>();
    this.#frames.set(incarnation, frames);
    const before = frames.get(frame.sequence);
    if (before !== undefined) {
      if (JSON.stringify(before) === JSON.stringify(frame)) return;
      object(`${incarnation} sent frame ${frame.sequence} again, and changed`);
      return;
    }
    frames.set(frame.sequence, frame);
    for (const row of frame.rows) {
      const name = `${row.rolloutId} table ${row.table} ${row.arm}`;
      add(this.#framed, incarnation, name, row.arrivals);
    }
    this.#compare(incarnation, this.#assigned.get(incarnation) ?? new Map(), object);
  }

  /** A frame takes everything so far, so at that moment the two accounts agree. */
  #compare(incarnation: string, assigned: Map<string, number>, object: Objection): void {
    const framed = this.#framed.get(incarnation);
    for (const name of new Set([...assigned.keys(), ...(framed?.keys() ?? [])])) {
      const [truth, told] = [assigned.get(name) ?? 0, framed?.get(name) ?? 0];
      if (truth !== told) object(`${incarnation}: ${truth} requests of ${name}, reported ${told}`);
    }
  }

  #store(change: Change, object: Objection): void {
    switch (change.kind) {
      case "put-rollout":
        this.#open(change);
        return;
      case "put-row": {
        const { waiting } = this.#book(change.rolloutId);
        const rows = waiting.get(change.tick) ?? new Map<string, number>();
        rows.set(change.key, (JSON.parse(change.text) as EvidenceRow).arrivals);
        waiting.set(change.tick, rows);
        return;
      }
      case "consume":
        this.#consume(JSON.parse(change.text) as Tick, object);
        return;
      default:
        return;
    }
  }

  #open(change: Extract<Change, { kind: "put-rollout" }>): void {
    const book = this.#book(change.id);
    book.late = change.lateRequests;
    book.isOpen = change.open;
  }

  #consume({ rolloutId, tick, rows }: Tick, object: Objection): void {
    const book = this.#book(rolloutId);
    const waiting = sum(book.waiting.get(tick)?.values() ?? []);
    const consumed = sum(rows.map(({ arrivals }) => arrivals));
    book.waiting.delete(tick);
    book.consumed += consumed;
    if (waiting !== consumed) {
      object(`tick ${tick} of ${rolloutId} holds ${consumed} requests, ${waiting} were waiting`);
    }
  }

  #book(rolloutId: string): Book {
    const book = this.#books.get(rolloutId) ?? {
      reported: 0,
      waiting: new Map(),
      consumed: 0,
      late: 0,
      isOpen: false,
    };
    this.#books.set(rolloutId, book);
    return book;
  }
}

export function countingChecker(knowledge: Knowledge): Checker {
  return new Counting(knowledge);
}

function balance(id: string, book: Book, object: Objection): void {
  if (!book.isOpen) return;
  const waiting = sum([...book.waiting.values()].flatMap((rows) => [...rows.values()]));
  const held = waiting + book.consumed + book.late;
  if (held === book.reported) return;
  object(
    `${id}: stored frames report ${book.reported} requests; ${waiting} wait, ${book.consumed} are consumed, ${book.late} came late`,
  );
  // Told once: from here on the books start from what is held.
  book.reported = held;
}

function add(
  counts: Map<string, Map<string, number>>,
  group: string,
  name: string,
  count: number,
): void {
  const own = counts.get(group) ?? new Map<string, number>();
  own.set(name, (own.get(name) ?? 0) + count);
  counts.set(group, own);
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
