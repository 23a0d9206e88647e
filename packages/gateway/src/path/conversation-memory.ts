// Where conversations have been: so that one that began on stable stays there when its user's slot becomes the
// candidate's between two of its turns. One worker's memory, bounded and short; what it does not know it says.

import type { ServingArm } from "@slipway/core";

/** Conversations remembered by one worker. About 10 MB when full. */
const CONVERSATIONS_MAX = 50_000;
/** A conversation that is silent for so long is forgotten. */
const SILENCE_MS_MAX = 3_600_000;

type Entry = { rolloutId: string; arm: ServingArm; atMs: number };

/**
 * Two generations: when the younger one is full it becomes the older, and what was not used since the last time is
 * forgotten. A map in the order of use would have to be written anew for every request.
 */
export class ConversationMemory {
  readonly #generationMax: number;
  #younger = new Map<string, Entry>();
  #older = new Map<string, Entry>();

  constructor(entriesMax: number = CONVERSATIONS_MAX) {
    this.#generationMax = Math.ceil(entriesMax / 2);
  }

  get size(): number {
    return this.#younger.size + this.#older.size;
  }

  /** The arm that a conversation was on in this rollout; null when that is not known. Times are monotonic. */
  armOf(conversation: string, rolloutId: string, nowMs: number): ServingArm | null {
    const entry = this.#younger.get(conversation) ?? this.#older.get(conversation);
    if (entry === undefined || entry.rolloutId !== rolloutId) return null;
    return nowMs - entry.atMs > SILENCE_MS_MAX ? null : entry.arm;
  }

  remember(conversation: string, rolloutId: string, arm: ServingArm, atMs: number): void {
    const known = this.#younger.get(conversation);
    if (known === undefined) {
      this.#add(conversation, { rolloutId, arm, atMs });
      return;
    }
    known.rolloutId = rolloutId;
    known.arm = arm;
    known.atMs = atMs;
  }

  #add(conversation: string, entry: Entry): void {
    this.#older.delete(conversation);
    if (this.#younger.size >= this.#generationMax) {
      this.#older = this.#younger;
      this.#younger = new Map();
    }
    this.#younger.set(conversation, entry);
  }
}
