// Recorded completions (MBPP in TypeScript), each graded by its own unit tests in isolation, and parsed in its context.

import type { BenchmarkItem } from "@slipway/core";
import { type ParseCode, type Sandbox, scoreParse, scoreTests } from "@slipway/scorers";
import { benchmarkItemOf, problemOf } from "@slipway/wire";

export type Completion = { readonly item: BenchmarkItem; readonly text: string };

/** Completions by the tasks that they are of. */
export function completionsOf(tasks: string, recorded: string): readonly Completion[] {
  const texts = new Map(
    jsonLines(recorded).map((line) => [textOf(line, "task_id"), textOf(line, "completion")]),
  );
  return jsonLines(tasks).flatMap((line) => {
    const read = benchmarkItemOf(line);
    if (!read.success) throw new Error(`a task cannot be read: ${problemOf(read.error)}`);
    const text = texts.get(read.data.id);
    return text === undefined || text === "" ? [] : [{ item: read.data, text }];
  });
}

function jsonLines(text: string): readonly Readonly<Record<string, unknown>>[] {
  return text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line): Readonly<Record<string, unknown>> => JSON.parse(line));
}

function textOf(line: Readonly<Record<string, unknown>>, name: string): string {
  const value = line[name];
  return typeof value === "string" ? value : "";
}

export type Grades = {
  readonly completions: number;
  readonly passed: number;
  /** Share without syntax errors. */
  readonly parses: number;
  /** What became of those that did not pass, and how often. */
  readonly because: Readonly<Record<string, number>>;
  readonly wallMs: number;
};

export async function gradesOf(
  completions: readonly Completion[],
  sandbox: Sandbox,
  parse: ParseCode,
): Promise<Grades> {
  const startedMs = performance.now();
  let [passed, parses] = [0, 0];
  const because: Record<string, number> = {};
  for (const [index, { item, text }] of completions.entries()) {
    const answer = { text, refusal: null, finishReason: "stop" };
    const { tests, parse: context } = item.expect;
    if (tests === undefined || context === undefined) throw new Error(`${item.id} has no tests`);
    const score = await scoreTests(answer, tests, sandbox, `all tests of ${index} have run`);
    if (score.kind === "scored" && score.passed) passed++;
    else because[score.because] = (because[score.because] ?? 0) + 1;
    const parsed = scoreParse(answer, context, parse);
    if (parsed.kind === "scored" && parsed.passed) parses++;
  }
  return {
    completions: completions.length,
    passed,
    parses: parses / Math.max(1, completions.length),
    because,
    wallMs: performance.now() - startedMs,
  };
}

/** So many, evenly over all of them. */
export function sampleOf<T>(values: readonly T[], most: number): readonly T[] {
  const step = Math.max(1, values.length / most);
  return Array.from(
    { length: Math.min(most, values.length) },
    (_, index) => values[Math.floor(index * step)],
  ).filter((value) => value !== undefined);
}
