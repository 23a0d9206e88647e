// Cases of a lesson from a file, one JSON object a line: read as the gate will read them, so that what is wrong is said now.

import { CASES_LENGTH_MAX, type CaseLine, casesOf, type Lesson, withCases } from "@slipway/core";
import { readPrompts } from "@slipway/preflight";
import { benchmarkItemOf, type LessonView, problemOf, SlipwayError } from "@slipway/wire";
import { readText } from "../../edge/config-file.ts";
import { usageError } from "../../output.ts";

const FIX = "write one JSON object a line, as docs/preflight.md has them";

export function readCases(file: string): readonly CaseLine[] {
  const text = readText(file, "a file of cases", FIX, 2 * CASES_LENGTH_MAX);
  return text.split("\n").flatMap((line, index) => {
    if (line.trim() === "") return [];
    const value = objectIn(line);
    if (value === null) throw usageError(`${file}:${index + 1} is not a JSON object`, FIX);
    return [value];
  });
}

function objectIn(line: string): CaseLine | null {
  try {
    const value: unknown = JSON.parse(line);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? Object.fromEntries(Object.entries(value)) : null;
  } catch {
    return null;
  }
}

/** The lesson as it would be in force with these cases. Throws what a gate would say to them. */
export function lessonWith(
  view: LessonView,
  incidentId: string,
  given: readonly CaseLine[],
): Lesson {
  const { backtest: _, untried: __, model: ___, ...proposal } = view;
  const asked = withCases(view.change, given);
  const lesson: Lesson = {
    ...proposal,
    change: "change" in asked ? asked.change : view.change,
    ...{
      incidentId,
      owner: "",
      reason: "tried now",
      acceptedAtMs: 0,
      promised: null,
      dropped: null,
    },
  };
  assertReadable(lesson);
  return lesson;
}

function assertReadable(lesson: Lesson): void {
  const { change } = lesson;
  if (change.kind === "prompt-case") {
    const cases = casesOf([lesson], change.kind, () => ({ user: "a long prompt" }));
    if (cases.length === 0) return;
    const text = cases.map(({ id, line }) => JSON.stringify({ ...line, id })).join("\n");
    readPrompts([{ file: "cases.jsonl", text }]);
  }
  if (change.kind !== "benchmark-item") return;
  for (const { id, line } of casesOf([lesson], change.kind, () => ({}))) {
    const read = benchmarkItemOf({ ...line, id });
    if (read.success) continue;
    throw new SlipwayError({
      code: "case_unusable",
      status: 400,
      message: `${id}: ${problemOf(read.error)}`,
      fix: FIX,
    });
  }
}
