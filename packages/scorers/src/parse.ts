// Whether code parses where it stands, and how badly it does not: syntax errors for each hundred nodes tell two
// versions apart also where neither writes code that parses from end to end.

import type { CodeContext } from "@slipway/core";
import { fencedBlock, spliced } from "./code-block.ts";
import { isCutOff, type Score, type ScoredAnswer } from "./score.ts";

export type ParsedCode = {
  readonly kind: "parsed";
  readonly nodes: number;
  /** Stretches that fit no rule, and pieces that a rule lacks. */
  readonly errors: number;
};

export type ParseCode = (
  language: string,
  code: string,
) => ParsedCode | { readonly kind: "unparsed"; readonly because: string };

export type ParseExpectation = CodeContext & { readonly language: string };

export function scoreParse(
  answer: ScoredAnswer,
  expected: ParseExpectation,
  parse: ParseCode,
): Score {
  const parsed = parse(expected.language, spliced(answer.text, expected, null));
  if (parsed.kind === "unparsed") {
    return { kind: "unscored", cause: "scorer-failed", because: parsed.because };
  }
  const measured = { errorsPer100Nodes: (100 * parsed.errors) / Math.max(1, parsed.nodes) };
  // A closed fence shows that the code had ended before the limit was reached.
  if (isCutOff(answer) && !isFenceClosed(answer.text)) {
    return { kind: "unscored", cause: "cut-off", because: "ended at its length limit", measured };
  }
  return {
    kind: "scored",
    passed: parsed.errors === 0,
    because:
      parsed.errors === 0
        ? `parses as ${expected.language}`
        : `${parsed.errors} syntax errors in ${parsed.nodes} nodes of ${expected.language}`,
    measured,
  };
}

function isFenceClosed(text: string): boolean {
  return fencedBlock(text)?.endsWith("\n") === true;
}
