// Items that earlier incidents taught: asked beside the data sets, several times each, and judged one by one.

import {
  type BenchmarkItem,
  casesOf,
  type LearntCase,
  type Lesson,
  type LessonFinding,
} from "@slipway/core";
import { benchmarkItemOf, problemOf, SlipwayError } from "@slipway/wire";
import { findingsOfCases } from "../learnt/lesson-findings.ts";
import { TRIALS, type Trial } from "../learnt/trial.ts";
import { type ItemResult, pairingOf } from "./item-result.ts";
import { judgedOf } from "./scores.ts";

export type LearntItems = {
  readonly cases: readonly LearntCase[];
  /** Each as often as it is asked. */
  readonly items: readonly BenchmarkItem[];
};

export function learntItems(learnt: readonly Lesson[]): LearntItems {
  const cases = casesOf(learnt, "benchmark-item", unwritten);
  const items = cases.flatMap(({ id, line }) => {
    const item = itemOf({ ...line, id }, id);
    return Array.from({ length: TRIALS }, () => item);
  });
  return { cases, items };
}

/** A question that is nothing but long has no right answer. */
function unwritten(): never {
  throw new Error("an item of a lesson is written by people");
}

function itemOf(line: unknown, id: string): BenchmarkItem {
  const read = benchmarkItemOf(line);
  if (read.success) return read.data;
  throw new SlipwayError({
    code: "lesson_item_unusable",
    status: 400,
    message: `${id}: ${problemOf(read.error)}`,
    fix: "drop the lesson, and accept it again with items as docs/preflight.md has them",
  });
}

export function findingsOfItems(
  { cases }: LearntItems,
  results: readonly ItemResult[],
): readonly LessonFinding[] {
  const trials = new Map<string, Trial[]>();
  for (const result of results) {
    const { id } = result.item;
    trials.set(id, [...(trials.get(id) ?? []), trialOf(result)]);
  }
  return findingsOfCases(cases, trials);
}

function trialOf(result: ItemResult): Trial {
  const pairing = pairingOf(result);
  if (pairing.kind === "unpaired") {
    return { stable: null, candidate: null, because: pairing.because };
  }
  const { stable, candidate } = pairing.pair;
  return { stable, candidate, because: judgedOf(result.candidate).because };
}
