// Where conversations have been: so that one that began on stable stays there when its user's slot becomes the
// candidate's between two of its turns. One worker's memory, bounded and short; what it does not know it says.

import type { ServingArm } from "@slipway/core";

/** Conversations remembered by one worker; the longest unused goes first. About 10 MB when full. */
const CONVERSATIONS_MAX = 50_000;
/** A conversation that is silent for so long is forgotten. */
const SILENCE_MS_MAX = 3_600_000;

type Entry = { readonly rolloutId: string; readonly arm: ServingArm; atMs: number };

export class ConversationMemory {
  readonly #entriesMax: number;
  readonly #entries = new Map<string, Entry>();

  constructor(entriesMax: number = CONVERSATIONS_MAX) {
    this.#entriesMax = entriesMax;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The arm that a conversation was on in this rollout; null when that is not known. Times are monotonic. */
  armOf(conversation: string, rolloutId: string, nowMs: number): ServingArm | null {
    const entry = this.#entries.get(conversation);
    if (entry === undefined || entry.rolloutId !== rolloutId) return null;
    return nowMs - entry.atMs > SILENCE_MS_MAX ? null : entry.arm;
  }

  remember(conversation: string, rolloutId: string, arm: ServingArm, atMs: number): void {
    const known = this.#entries.get(conversation);
    this.#entries.delete(conversation);
    if (known !== undefined && known.rolloutId === rolloutId && known.arm === arm) {
      known.atMs = atMs;
      this.#entries.set(conversation, known);
      return;
    }
    this.#entries.set(conversation, { rolloutId, arm, atMs });
    if (this.#entries.size <= this.#entriesMax) return;
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest);
      return;
    }
  }
}
