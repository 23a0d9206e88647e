// Scores of kept answers, as labels: they are counted for the arm, segment and table that gave the answer, in the tick in
// which they are known. What cannot be scored is counted for its arm as well; a request never waits for any of it.

import {
  type AnswersPolicy,
  type Heard,
  LIVE_SCORES,
  type LiveScores,
  type ScorableAnswer,
} from "@slipway/core";
import type { Answered } from "../feedback/answer-id.ts";
import type { Identified } from "../path/identified.ts";
import type { Passage } from "../path/passage.ts";
import type { AnswerScorer } from "../ports.ts";
import { languageOf } from "../segment/language.ts";
import { UNNAMED_SEGMENT } from "../segment/segments-of.ts";
import type { ScoreDrop } from "./drops.ts";

export type ScoringEvents = {
  /** False where there is no rollout any more that it would be evidence of. */
  readonly count: (answered: Answered, heard: Heard) => boolean;
  readonly scored: (model: string) => void;
  readonly dropped: (model: string, why: ScoreDrop) => void;
};

const SILENT: Omit<Heard, "scores"> = { accepted: null, rating: null, reason: null, health: null };

const LOST = {
  no: { [LIVE_SCORES.unscored]: { n: 1, bad: 0 } },
  yes: { [LIVE_SCORES.unscored]: { n: 1, bad: 1 } },
} as const satisfies { readonly [is: string]: LiveScores };

export class Scoring {
  readonly #scorer: AnswerScorer;
  readonly #events: ScoringEvents;

  constructor(scorer: AnswerScorer, events: ScoringEvents) {
    this.#scorer = scorer;
    this.#events = events;
  }

  /** Of both arms alike: which answers are kept is a hash of the request's id. */
  offer(
    answered: Answered,
    policy: Pick<AnswersPolicy, "score" | "packages">,
    answer: Omit<ScorableAnswer, "scorers" | "packages">,
  ): void {
    const asked = { ...answer, scorers: policy.score ?? [], packages: policy.packages ?? null };
    const taken = this.#scorer.score(asked, (scores) => this.#scored(answered, scores));
    if (!taken) this.#events.dropped(answered.model, "busy");
  }

  #scored(answered: Answered, scores: LiveScores | null): void {
    if (scores === null) this.#lost(answered, "failed");
    else if (this.#count(answered, { ...scores, ...LOST.no })) this.#events.scored(answered.model);
    else this.#events.dropped(answered.model, "late");
  }

  /** It was to be scored, and was too large to be kept. */
  tooLarge(answered: Answered): void {
    this.#lost(answered, "too-large");
  }

  /** Which answers are lost depends on what stands in them: they are evidence too. */
  #lost(answered: Answered, why: ScoreDrop): void {
    this.#count(answered, LOST.yes);
    this.#events.dropped(answered.model, why);
  }

  #count(answered: Answered, scores: LiveScores): boolean {
    return this.#events.count(answered, { ...SILENT, scores });
  }
}

/** What a request is about: as its model's segments say, else as its text shows. */
export function spokenLanguage(passage: Passage, { scan, segmented }: Identified): string | null {
  const [judged] = passage.destination.route.evidence.segments;
  const said =
    judged?.name === "language"
      ? segmented.segment
      : segmented.slices.find(({ dimension }) => dimension === "language")?.value;
  if (said !== undefined && said !== UNNAMED_SEGMENT) return said;
  return scan === null ? null : languageOf(scan);
}
