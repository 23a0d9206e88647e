// Inspect's log as JSON (version 2): a sample for each item and epoch, with the scores of one scorer or several.

import type { Imported, ImportedItem } from "@slipway/core";
import { z } from "zod";
import { problemOf } from "./shape-problem.ts";
import type { Unreadable } from "./unreadable.ts";

const sample = z.object({
  id: z.union([z.string(), z.number()]),
  epoch: z.number().int().default(1),
  error: z.unknown().optional(),
  scores: z.record(z.string(), z.object({ value: z.json() })).nullish(),
});

const log = z.object({
  version: z.literal(2),
  status: z.string(),
  samples: z.array(sample).nullish(),
});

export function readInspect(parsed: unknown): Imported | Unreadable {
  const read = log.safeParse(parsed);
  if (!read.success) {
    const because = `not a log of Inspect's version 2: ${problemOf(read.error)}`;
    return { because, fix: "write it with inspect log dump" };
  }
  const { status, samples } = read.data;
  if (status !== "success") {
    return { because: `the run ended with status ${status}`, fix: "let it run to its end" };
  }
  if (samples === undefined || samples === null || samples.length === 0) {
    return { because: "it has no samples", fix: "write the whole log with inspect log dump" };
  }
  const partial = samples.find(({ scores }) => Object.values(scores ?? {}).some(isPartial));
  if (partial !== undefined) {
    return {
      because: `sample ${partial.id} has a score that is neither right nor wrong`,
      fix: "use a scorer that answers C or I, or 1 or 0",
    };
  }
  const items = samples.map(
    ({ id, epoch, error, scores }): ImportedItem => ({
      id: `${id} #${epoch}`,
      family: String(id),
      tags: [],
      passed: hasError(error) ? null : passedBy(Object.values(scores ?? {})),
    }),
  );
  return { grade: "B", tool: "Inspect", items };
}

type SampleScore = { readonly value: unknown };

const RIGHT: readonly unknown[] = ["C", 1, true];
const WRONG: readonly unknown[] = ["I", 0, false];
/** No answer to score: Inspect's word. */
const NO_ANSWER = "N";

function isPartial({ value }: SampleScore): boolean {
  return !RIGHT.includes(value) && !WRONG.includes(value) && value !== NO_ANSWER;
}

function hasError(error: unknown): boolean {
  return error !== undefined && error !== null;
}

/** Right by all its scorers. */
function passedBy(scores: readonly SampleScore[]): boolean | null {
  if (scores.length === 0) return null;
  return scores.every(({ value }) => RIGHT.includes(value));
}
