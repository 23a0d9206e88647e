// The scorer of a regular expression. What it costs to match one is not bounded by its length, so that the matching is
// a port with a limit of time, and a pattern that does not end is the scorer's failure and nobody's wrong answer.

import type { Score, ScoredAnswer } from "./score.ts";
import { shown } from "./text.ts";

export type Match = "matches" | "differs" | "too-slow" | "no-pattern";
export type MatchPattern = (pattern: string, text: string) => Match;

export function scorePattern({ text }: ScoredAnswer, pattern: string, match: MatchPattern): Score {
  switch (match(pattern, text)) {
    case "matches":
      return { kind: "scored", passed: true, because: `matches ${shown(pattern)}` };
    case "differs":
      return { kind: "scored", passed: false, because: `does not match ${shown(pattern)}` };
    case "too-slow":
      return failed(`the pattern ${shown(pattern)} takes too long to match`);
    case "no-pattern":
      return failed(`${shown(pattern)} is no regular expression`);
  }
}

function failed(because: string): Score {
  return { kind: "unscored", cause: "scorer-failed", because };
}
