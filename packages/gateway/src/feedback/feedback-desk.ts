// Where feedback is taken in: what is allowed of one sender, and what has been counted already. One worker's memory, and
// bounded; what another worker has counted is not known here.

import { type Heard, WORDS_MAX } from "@slipway/core";
import { Bucket } from "../client/bucket.ts";
import { ownText } from "../own-text.ts";

/** Feedback of one sender a minute, per worker. */
export const FEEDBACK_PER_MINUTE_MAX = 6_000;
/** Senders that are told apart at once; the longest silent is forgotten first. */
const SENDERS_MAX = 10_000;
/** Answers whose feedback is remembered; the oldest is forgotten first. */
const ANSWERS_MAX = 50_000;

const ACCEPTED = 1;
const RATING = 2;
const REASON = 4;
const HEALTH = 8;
const SCORE = 16;

export class FeedbackDesk {
  readonly #senders = new Map<string, Bucket>();
  readonly #counted = new Map<string, number>();
  readonly #answersMax: number;
  /** Names of scores, by place: each has a bit of its own, and those beyond the last share one. */
  readonly #scores: string[] = [];

  constructor(answersMax: number = ANSWERS_MAX) {
    this.#answersMax = answersMax;
  }

  /** Milliseconds that a sender must wait; 0 when its feedback is taken, and counts against its limit. */
  admit(sender: string, nowMs: number): number {
    const bucket = this.#senders.get(sender) ?? new Bucket(FEEDBACK_PER_MINUTE_MAX, nowMs);
    this.#senders.delete(sender);
    this.#senders.set(ownText(sender), bucket);
    forgetOldest(this.#senders, SENDERS_MAX);
    const waitMs = bucket.msUntil(1, nowMs);
    if (waitMs === 0) bucket.take(1, nowMs);
    return waitMs;
  }

  /** What of it has not been counted for this answer yet; null when all of it has. */
  fresh(answer: string, heard: Heard): Heard | null {
    const known = this.#counted.get(answer) ?? 0;
    const said = this.#bitsOf(heard);
    const added = said & ~known;
    if (added === 0) return null;
    this.#counted.set(ownText(answer), known | said);
    forgetOldest(this.#counted, this.#answersMax);
    return {
      accepted: (added & ACCEPTED) === 0 ? null : heard.accepted,
      rating: (added & RATING) === 0 ? null : heard.rating,
      reason: (added & REASON) === 0 ? null : heard.reason,
      health: (added & HEALTH) === 0 ? null : heard.health,
      scores: Object.fromEntries(
        Object.entries(heard.scores).filter(([name]) => (added & this.#bitOf(name)) !== 0),
      ),
    };
  }

  #bitsOf({ accepted, rating, reason, health, scores }: Heard): number {
    return (
      (accepted === null ? 0 : ACCEPTED) |
      (rating === null ? 0 : RATING) |
      (reason === null ? 0 : REASON) |
      (health === null ? 0 : HEALTH) |
      Object.keys(scores).reduce((bits, name) => bits | this.#bitOf(name), 0)
    );
  }

  #bitOf(score: string): number {
    const known = this.#scores.indexOf(score);
    if (known >= 0) return SCORE << known;
    if (this.#scores.length < WORDS_MAX) this.#scores.push(score);
    return SCORE << (this.#scores.length - 1);
  }
}

function forgetOldest(map: Map<string, unknown>, sizeMax: number): void {
  if (map.size <= sizeMax) return;
  for (const oldest of map.keys()) {
    map.delete(oldest);
    return;
  }
}
