// Which answers a gateway keeps on its own disk, and what it scores in those of users, off the request path.

import type { Counted } from "./evidence/feedback.ts";
import type { Ending } from "./evidence/row.ts";

/** What can be scored of an answer by itself, with nobody who knows what is right. */
export const LIVE_SCORERS = ["parse", "names", "refusals"] as const;
export type LiveScorerName = (typeof LIVE_SCORERS)[number];

export type AnswersPolicy = {
  /** Share of requests whose answers are kept; 0 keeps none but those of a mirror that says so. */
  readonly sample: number;
  /** Patterns of what is hidden, beside the built-in ones. */
  readonly redact: readonly string[];
  /** Per model and gateway worker; the oldest go first. */
  readonly bytesMax: number;
  readonly ageMsMax: number;
  /** What is scored in kept answers of users; nothing where absent. */
  readonly score?: readonly LiveScorerName[];
  /** Packages that answers may import; none is called unknown where absent. */
  readonly packages?: readonly string[];
};

/** What scoring counts, by the names that guards ask for. */
export const LIVE_SCORES = {
  /** Answers with code, and those of them whose code does not parse where it stands. */
  parseFailures: "parse-failures",
  /** Nodes of the code's syntax trees, and stretches that fit no rule. */
  syntaxErrors: "syntax-errors",
  /** Answers whose names could be looked up, and those that use one that there is not. */
  unknownNames: "unknown-names",
  /** Whole answers, and those that decline in so many words. */
  wordedRefusals: "worded-refusals",
  /** Answers that were to be scored, and those that could not be: too large, or the scorer broke at them. */
  unscored: "unscored",
} as const;

/** One answer to be scored. */
export type ScorableAnswer = {
  /** `completions` has its code between what the request has of it; others within fences. */
  readonly api: string;
  /** The request's body, as JSON. */
  readonly request: string;
  readonly answer: string;
  readonly ending: Ending | null;
  /** What the request is about; null where nothing tells. */
  readonly language: string | null;
  readonly scorers: readonly LiveScorerName[];
  /** Null where nobody says which there are. */
  readonly packages: readonly string[] | null;
};

/** By name; what could not be told is not there. */
export type LiveScores = { readonly [score: string]: Counted };
