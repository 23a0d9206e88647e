// What happened to a soak's clients, counted: kinds of turn, how they ended, and the first of what went wrong in words.
import { FAULTS, type Fault } from "./answer-check.ts";
import { TURN_KINDS, type TurnKind } from "./turns.ts";

/** How a turn can fail its client. `error`: a status that is no 200. `cut`: a connection that ended early. */
export const TROUBLES = [...FAULTS, "refused", "cut", "error", "unanswered"] as const;
export type Trouble = Fault | "refused" | "cut" | "error" | "unanswered";

const STORIES_MAX = 20;
const RACED_MAX = 10_000;

export type Tally = {
  /** Turns that had all that they were owed. */
  readonly done: Record<TurnKind, number>;
  /** Those whose client left. */
  readonly left: Record<TurnKind, number>;
  readonly troubles: Record<Trouble, number>;
  readonly stories: string[];
  /**
   * When a request met the end of its kept connection (milliseconds since the epoch), and was sent again on a new one, as HTTP
   * has clients do: no server can know that a request is on its way.
   */
  readonly racedAtMs: number[];
  chunks: number;
  connections: number;
};

function zeros<K extends string>(keys: readonly K[]): Record<K, number> {
  return Object.fromEntries(keys.map((key) => [key, 0])) as Record<K, number>;
}

export function newTally(): Tally {
  return {
    done: zeros(TURN_KINDS),
    left: zeros(TURN_KINDS),
    troubles: zeros(TROUBLES),
    stories: [],
    racedAtMs: [],
    chunks: 0,
    connections: 0,
  };
}

export function raced({ racedAtMs }: Tally): void {
  if (racedAtMs.length < RACED_MAX) racedAtMs.push(Date.now());
}

export function blame(tally: Tally, trouble: Trouble, story: string): void {
  tally.troubles[trouble]++;
  if (tally.stories.length < STORIES_MAX) tally.stories.push(`${trouble}: ${story}`);
}

export function sumOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
