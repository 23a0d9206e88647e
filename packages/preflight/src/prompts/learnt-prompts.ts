// Prompts that earlier incidents taught: asked beside the team's own, several times each, and judged one by one.

import { type CaseLine, casesOf, type LessonFinding } from "@slipway/core";
import type { PromptsGate } from "@slipway/wire/config";
import { isBusy } from "../ask.ts";
import type { GateContext } from "../gate.ts";
import { findingsOfCases } from "../learnt/lesson-findings.ts";
import { TRIALS, type Trial } from "../learnt/trial.ts";
import { promptText } from "../load/prompt-text.ts";
import { askBoth, type Side } from "./asked.ts";
import { readPrompts } from "./prompt-file.ts";

/** Any will do: the same prompt each time. */
const NUMBER = 1;

export async function learntPrompts(
  context: GateContext<PromptsGate>,
): Promise<readonly LessonFinding[]> {
  const cases = casesOf(context.learnt, "prompt-case", promptOf);
  if (cases.length === 0) return [];
  const lines = cases.map(({ id, line }) => JSON.stringify({ ...line, id }));
  const prompts = readPrompts([{ file: "lessons.jsonl", text: lines.join("\n") }]);
  const asked = await askBoth(
    prompts.flatMap((prompt) => Array.from({ length: TRIALS }, () => prompt)),
    context,
  );
  const trials = new Map<string, Trial[]>();
  for (const { prompt, stable, candidate } of asked) {
    const trial = {
      stable: isKept(stable),
      candidate: isKept(candidate),
      because: `${candidate.ending.kind} (${candidate.ending.because})`,
    };
    trials.set(prompt.id, [...(trials.get(prompt.id) ?? []), trial]);
  }
  return findingsOfCases(cases, trials);
}

function promptOf(promptTokens: number): CaseLine {
  return { user: promptText({ promptTokens, blocks: [] }, NUMBER) };
}

function isKept({ outcome, ending }: Side): boolean | null {
  if (outcome.kind === "rejection" && isBusy(outcome)) return null;
  return ending.kind === "fine";
}
