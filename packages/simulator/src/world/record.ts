// The record of a world: every event goes through here once, to the log's hash, to the story that a person
// reads, and to the checkers, which may object.
import { type Clock, murmur3, type RolloutEvent } from "@slipway/core";
import { textOf, type WorldEvent } from "./event.ts";

export type Violation = {
  readonly checker: string;
  readonly atMs: number;
  readonly text: string;
};

/** What a checker reports to. */
export type Objection = (text: string) => void;

export type Checker = {
  readonly name: string;
  readonly on: (event: WorldEvent, object: Objection) => void;
  /** Once, when the world has come to rest: everybody healed, every frame stored. */
  readonly atRest?: (object: Objection) => void;
  /** What it has seen, in a line. */
  readonly summary?: () => string;
};

/** A world that is wrong is wrong again and again; the first few say enough. */
const VIOLATIONS_MAX = 20;

const TOLD: ReadonlySet<WorldEvent["kind"]> = new Set([
  "worker-started",
  "worker-stopped",
  "diverted",
  "table-delivered",
  "controller-started",
  "controller-crashed",
  "controller-failed",
  "command-asked",
  "command-answered",
  "note",
]);

export class WorldRecord {
  readonly violations: Violation[] = [];
  readonly story: string[] = [];
  readonly #clock: Clock;
  readonly #checkers: readonly Checker[];
  #hash = 0;
  #events = 0;

  constructor(clock: Clock, checkers: readonly Checker[]) {
    this.#clock = clock;
    this.#checkers = checkers;
  }

  /** Covers every event in its order. Equal seeds give equal hashes. */
  get hash(): number {
    return this.#hash;
  }

  get events(): number {
    return this.#events;
  }

  readonly tell = (event: WorldEvent): void => {
    this.#events++;
    const text = textOf(event);
    const atMs = this.#clock.mono();
    this.#hash = murmur3(`${atMs} ${text}`, this.#hash);
    if (TOLD.has(event.kind)) this.#write(text);
    if (event.kind === "committed") this.#writeEntries(event);
    for (const checker of this.#checkers) {
      checker.on(event, (objection) => this.#object(checker.name, objection));
    }
  };

  atRest(): void {
    for (const checker of this.#checkers) {
      checker.atRest?.((objection) => this.#object(checker.name, objection));
    }
  }

  /** What each checker has seen. */
  summaries(): readonly string[] {
    return this.#checkers.flatMap((checker) => {
      const summary = checker.summary?.();
      return summary === undefined ? [] : [`${checker.name}: ${summary}`];
    });
  }

  /** An objection of the world itself. */
  object(checker: string, text: string): void {
    this.#object(checker, text);
  }

  #object(checker: string, text: string): void {
    const atMs = this.#clock.mono();
    this.#write(`VIOLATION ${checker}: ${text}`);
    if (this.violations.length < VIOLATIONS_MAX) this.violations.push({ checker, atMs, text });
  }

  #writeEntries(event: Extract<WorldEvent, { kind: "committed" }>): void {
    for (const change of event.changes) {
      if (change.kind !== "append") continue;
      this.#write(
        `journal ${change.rolloutId} ${change.sequence}: ${entryText(JSON.parse(change.text) as RolloutEvent)}`,
      );
    }
  }

  #write(text: string): void {
    this.story.push(`${(this.#clock.mono() / 1000).toFixed(3).padStart(9)}  ${text}`);
  }
}

function entryText(event: RolloutEvent): string {
  switch (event.type) {
    case "moved": {
      const stage = "stage" in event.move ? ` to stage ${event.move.stage}` : "";
      return `${event.move.kind}${stage}, table ${event.table}: ${event.cause.because.text}`;
    }
    case "looked":
      return `looked: ${event.because.text}`;
    case "confirmed":
      return `table ${event.table} confirmed by ${event.members}, expired: ${event.expired.join(" ") || "none"}`;
    default:
      return event.type;
  }
}
