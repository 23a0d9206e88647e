// Scorers of plain text: the whole answer, or parts of it.

import type { Score, ScoredAnswer } from "./score.ts";

const SHOWN_CHARACTERS_MAX = 60;

export function scoreExact({ text }: ScoredAnswer, expected: string): Score {
  const passed = text.trim() === expected.trim();
  return {
    kind: "scored",
    passed,
    because: passed
      ? "is the expected answer"
      : `is ${shown(text.trim())}, not ${shown(expected.trim())}`,
  };
}

export function scoreContains({ text }: ScoredAnswer, parts: readonly string[]): Score {
  const missing = parts.find((part) => !text.includes(part));
  return {
    kind: "scored",
    passed: missing === undefined,
    because: missing === undefined ? "has every part" : `lacks ${shown(missing)}`,
  };
}

export function shown(text: string): string {
  const cut = text.length > SHOWN_CHARACTERS_MAX ? `${text.slice(0, SHOWN_CHARACTERS_MAX)}…` : text;
  return JSON.stringify(cut);
}
