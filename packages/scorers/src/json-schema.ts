// The scorer of structured answers: JSON that meets a schema. A fence around it is the model's habit and no fault;
// anything else around it is.

import { z } from "zod";
import { fencedBlock } from "./code-block.ts";
import { isCutOff, type JsonSchema, type Score, type ScoredAnswer } from "./score.ts";

export function scoreSchema(answer: ScoredAnswer, schema: JsonSchema): Score {
  let checker: z.ZodType;
  try {
    checker = z.fromJSONSchema(schema);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return {
      kind: "unscored",
      cause: "scorer-failed",
      because: `the schema cannot be used: ${why}`,
    };
  }
  const parsed = jsonOf(fencedBlock(answer.text) ?? answer.text);
  if (parsed === undefined) {
    return isCutOff(answer)
      ? { kind: "unscored", cause: "cut-off", because: "ended at its length limit" }
      : { kind: "scored", passed: false, because: "is not JSON" };
  }
  const checked = checker.safeParse(parsed.value);
  const [problem] = checked.success ? [] : checked.error.issues;
  return {
    kind: "scored",
    passed: checked.success,
    because:
      problem === undefined
        ? "meets the schema"
        : `${["$", ...problem.path.map(String)].join(".")}: ${problem.message}`,
  };
}

function jsonOf(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}
