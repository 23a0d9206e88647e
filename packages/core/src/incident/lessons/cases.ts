// The cases of a lesson: lines that people write for it, each with what the lesson adds to all of them; or one that
// needs no text of anybody's.

import type { CaseLine, CasesChange, Lesson, LessonChange } from "./lesson.ts";

/** Of one lesson. */
export const CASES_MAX = 20;
/** Of all cases of a lesson, as JSON: they are kept with the model. */
export const CASES_LENGTH_MAX = 32_768;

export function isCases(change: LessonChange): change is CasesChange {
  return change.kind === "prompt-case" || change.kind === "benchmark-item";
}

export type CasesProblem = "none-wanted" | "none-given" | "too-many" | "too-long";

/** The change with the cases that people gave for it, or what is wrong with them. */
export function withCases(
  change: LessonChange,
  given: readonly CaseLine[],
): { readonly change: LessonChange } | { readonly problem: CasesProblem } {
  if (!isCases(change)) return given.length === 0 ? { change } : { problem: "none-wanted" };
  if (given.length === 0 && change.inputTokens === null) return { problem: "none-given" };
  if (given.length > CASES_MAX) return { problem: "too-many" };
  const cases = given.map((line) => mergedCase(change.template, line));
  if (JSON.stringify(cases).length > CASES_LENGTH_MAX) return { problem: "too-long" };
  return { change: { ...change, cases } };
}

/** What the line says counts; lists, as of tags, are joined, and objects merged. */
function mergedCase(template: CaseLine, line: CaseLine): CaseLine {
  const merged: { [key: string]: CaseLine[string] } = { ...template, ...line };
  for (const [key, added] of Object.entries(template)) {
    const own = line[key];
    if (Array.isArray(added) && Array.isArray(own)) merged[key] = [...new Set([...added, ...own])];
    else if (isObject(added) && isObject(own)) merged[key] = { ...added, ...own };
  }
  return merged;
}

function isObject(value: CaseLine[string] | undefined): value is CaseLine {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A case as a gate asks it, under a name that says whose lesson it is. */
export type LearntCase = { readonly lesson: Lesson; readonly id: string; readonly line: CaseLine };

/** Of lessons in force, of one kind. `promptOf` writes a prompt of so many tokens. */
export function casesOf(
  lessons: readonly Lesson[],
  kind: CasesChange["kind"],
  promptOf: (tokens: number) => CaseLine,
): readonly LearntCase[] {
  return lessons.flatMap((lesson): readonly LearntCase[] => {
    const { change } = lesson;
    if (change.kind !== kind) return [];
    const { inputTokens, template, cases } = change;
    const made = inputTokens === null ? [] : [mergedCase(template, promptOf(inputTokens))];
    return [...made, ...cases].map((line, index) => ({
      lesson,
      id: `${lesson.id}#${index + 1}`,
      line,
    }));
  });
}
