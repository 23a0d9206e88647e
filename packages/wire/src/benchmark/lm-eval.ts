// lm-evaluation-harness: its samples are results item by item, its results file has sums alone.

import type { Imported, ImportedItem, ImportedTask } from "@slipway/core";
import { z } from "zod";
import { problemOf } from "./shape-problem.ts";
import type { Unreadable } from "./unreadable.ts";

/** Metrics that call an answer right or wrong; the first that a sample has counts. */
const METRICS = ["acc", "exact_match", "pass@1", "acc_norm"] as const;
const SAMPLES_FIX = "run lm_eval with --log_samples, and give samples_*.jsonl";

const binary = z.union([z.literal(0), z.literal(1), z.boolean().transform(Number)]).optional();

const sample = z.object({
  doc_id: z.number().int(),
  doc_hash: z.string().optional(),
  filter: z.string().optional(),
  acc: binary,
  exact_match: binary,
  "pass@1": binary,
  acc_norm: binary,
});

export function readHarnessSamples(parsed: unknown): Imported | Unreadable {
  const read = z.array(sample).min(1, "it has no lines").safeParse(parsed);
  if (!read.success) {
    return {
      because: `not lm-evaluation-harness's samples: ${problemOf(read.error)}`,
      fix: SAMPLES_FIX,
    };
  }
  const metric = METRICS.find((name) => read.data[0]?.[name] !== undefined);
  if (metric === undefined) {
    return {
      because: `its samples have none of ${METRICS.join(", ")}`,
      fix: "use a task that calls an answer right or wrong",
    };
  }
  const items = read.data.map((one): ImportedItem => {
    const value = one[metric];
    const told = one.doc_hash ?? String(one.doc_id);
    const id = one.filter === undefined ? told : `${told} by ${one.filter}`;
    return { id, family: told, tags: [], passed: value === undefined ? null : value === 1 };
  });
  return { grade: "B", tool: "lm-evaluation-harness", items };
}

const results = z.object({
  results: z.record(z.string(), z.record(z.string(), z.json())),
  "n-samples": z.record(z.string(), z.object({ original: z.number(), effective: z.number() })),
  task_hashes: z.record(z.string(), z.string()).default({}),
});

export function readHarnessResults(parsed: unknown): Imported | Unreadable {
  const read = results.safeParse(parsed);
  if (!read.success) {
    return {
      because: `not lm-evaluation-harness's results: ${problemOf(read.error)}`,
      fix: SAMPLES_FIX,
    };
  }
  const tasks: ImportedTask[] = [];
  for (const [name, metrics] of Object.entries(read.data.results)) {
    const counts = read.data["n-samples"][name];
    const share = shareIn(metrics);
    if (counts === undefined || share === null) continue;
    if (counts.effective < counts.original) {
      return {
        because: `${name} was run on ${counts.effective} of its ${counts.original} items`,
        fix: "run it without --limit",
      };
    }
    const hash = read.data.task_hashes[name] ?? null;
    tasks.push({ name, share, items: counts.effective, hash });
  }
  if (tasks.length === 0) {
    return { because: `no task has one of ${METRICS.join(", ")}`, fix: SAMPLES_FIX };
  }
  return { grade: "C", tool: "lm-evaluation-harness", tasks };
}

function shareIn(metrics: { readonly [key: string]: unknown }): number | null {
  for (const metric of METRICS) {
    const key = Object.keys(metrics).find((name) => name.split(",")[0] === metric);
    const value = key === undefined ? null : metrics[key];
    if (typeof value === "number" && value >= 0 && value <= 1) return value;
  }
  return null;
}
