// Scores one version's answer to an item by everything that the item expects.

import type { BenchmarkItem, NamedLanguage } from "@slipway/core";
import {
  type CheckNames,
  type ParseCode,
  type Sandbox,
  type Score,
  type ScorerName,
  scoreContains,
  scoreExact,
  scoreNames,
  scoreParse,
  scorePattern,
  scoreRefusal,
  scoreSchema,
  scoreTests,
} from "@slipway/scorers";
import { type Answer, isBusy, type Outcome, outcomeText } from "../ask.ts";
import type { ScoringPorts } from "../scoring.ts";

/** What scoring has at hand once it is known what the items need. */
export type Instruments = Pick<ScoringPorts, "match" | "marker"> & {
  readonly parse: ParseCode;
  /** Of the languages in which an item looks at names. */
  readonly names: { readonly [language in NamedLanguage]?: CheckNames };
  /** Null where no item has unit tests. */
  readonly sandbox: Sandbox | null;
};

export type Scores = { readonly [name in ScorerName]?: Score };

/** Of one version and one item. */
export type Result = {
  readonly outcome: Outcome;
  readonly scores: Scores;
};

export async function scoresOf(
  { expect }: BenchmarkItem,
  answer: Answer,
  { match, marker, parse, names, sandbox }: Instruments,
): Promise<Scores> {
  return {
    ...(expect.exact === undefined ? {} : { exact: scoreExact(answer, expect.exact) }),
    ...(expect.contains === undefined ? {} : { contains: scoreContains(answer, expect.contains) }),
    ...(expect.pattern === undefined
      ? {}
      : { pattern: scorePattern(answer, expect.pattern, match) }),
    ...(expect.schema === undefined ? {} : { schema: scoreSchema(answer, expect.schema) }),
    ...(expect.refusal === undefined ? {} : { refusal: scoreRefusal(answer, expect.refusal) }),
    ...(expect.parse === undefined ? {} : { parse: scoreParse(answer, expect.parse, parse) }),
    ...namesOf(answer, expect.names, names),
    ...(expect.tests === undefined || sandbox === null
      ? {}
      : { tests: await scoreTests(answer, expect.tests, sandbox, marker()) }),
  };
}

function namesOf(
  answer: Answer,
  expected: BenchmarkItem["expect"]["names"],
  names: Instruments["names"],
): Scores {
  const check = expected === undefined ? undefined : names[expected.language];
  if (expected === undefined || check === undefined) return {};
  return { names: scoreNames(answer, expected, check) };
}

/** Right, wrong, or not to be told, with the score that decides. */
export type Judged = {
  readonly passed: boolean | null;
  readonly cause: "right" | "wrong" | "no-answer" | "busy" | "cut-off" | "scorer-failed";
  readonly because: string;
};

/** One wrong score is enough; without one, a score that could not be told leaves it open. */
export function judgedOf({ outcome, scores }: Result): Judged {
  if (outcome.kind !== "answer") {
    const busy = outcome.kind === "rejection" && isBusy(outcome);
    return { passed: null, cause: busy ? "busy" : "no-answer", because: outcomeText(outcome) };
  }
  const all = Object.values(scores);
  const wrong = all.find((score) => score.kind === "scored" && !score.passed);
  if (wrong !== undefined) return { passed: false, cause: "wrong", because: wrong.because };
  const open = all.find((score) => score.kind === "unscored");
  if (open?.kind === "unscored") {
    return { passed: null, cause: open.cause, because: open.because };
  }
  return { passed: true, cause: "right", because: all[0]?.because ?? "" };
}
