// promptfoo's results (version 3): a row for each prompt, test and repeat, of one provider.

import { canonicalJson, type Imported, type ImportedItem } from "@slipway/core";
import { z } from "zod";
import { problemOf } from "./shape-problem.ts";
import type { Unreadable } from "./unreadable.ts";

/** promptfoo's word for a row whose provider or assertion broke: no result. */
const FAILURE_IS_ERROR = 2;

const row = z.object({
  promptIdx: z.number().int(),
  testIdx: z.number().int(),
  success: z.boolean(),
  failureReason: z.number().int().default(0),
  provider: z.object({ id: z.string() }),
  vars: z.record(z.string(), z.json()).default({}),
});

const summary = z.object({ version: z.literal(3), results: z.array(row) });
const file = z.union([z.object({ results: summary }).transform(({ results }) => results), summary]);

export function readPromptfoo(parsed: unknown): Imported | Unreadable {
  const read = file.safeParse(parsed);
  if (!read.success) {
    return {
      because: `not promptfoo's results of version 3: ${problemOf(read.error)}`,
      fix: "write them with a current promptfoo: promptfoo eval -o results.json",
    };
  }
  const rows = read.data.results;
  const providers = new Set(rows.map(({ provider }) => provider.id));
  if (providers.size !== 1) {
    return {
      because: `it has results of ${providers.size} providers, and those of one are compared`,
      fix: "run promptfoo with --filter-providers, once for each version",
    };
  }
  const seen = new Map<string, number>();
  const items = rows.map(({ promptIdx, testIdx, vars, success, failureReason }): ImportedItem => {
    const told = Object.keys(vars).length === 0 ? `test ${testIdx}` : canonicalJson(vars);
    const family = `prompt ${promptIdx}, ${told}`;
    const repeat = (seen.get(family) ?? 0) + 1;
    seen.set(family, repeat);
    const passed = failureReason === FAILURE_IS_ERROR ? null : success;
    return { id: `${family} #${repeat}`, family, tags: [], passed };
  });
  return { grade: "B", tool: "promptfoo", items };
}
