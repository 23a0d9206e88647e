// vLLM's `bench serve`: sums, and with --save-detailed each request, timed from when it was sent.

import type { ImportedRun } from "@slipway/core";
import { z } from "zod";
import { problemOf } from "../benchmark/shape-problem.ts";
import type { Unreadable } from "../benchmark/unreadable.ts";
import { runOf, type Sent } from "./shot.ts";

const TOOL = "vLLM bench";
const milliseconds = z.number().nonnegative().nullish();

const run = z.object({
  request_rate: z.union([z.number().positive(), z.literal("inf")]),
  max_concurrency: z.number().nullish(),
  num_prompts: z.number().int().positive(),
  completed: z.number().int().nonnegative(),
  input_lens: z.array(z.number()).optional(),
  output_lens: z.array(z.number()).optional(),
  /** In seconds, of which clock nobody says. */
  start_times: z.array(z.number()).optional(),
  ttfts: z.array(z.number()).optional(),
  itls: z.array(z.array(z.number())).optional(),
  errors: z.array(z.string().nullable()).optional(),
  p99_ttft_ms: milliseconds,
  p99_tpot_ms: milliseconds,
  p99_e2el_ms: milliseconds,
});

type Run = z.infer<typeof run>;

export function readVllmBench(parsed: unknown): readonly ImportedRun[] | Unreadable {
  const read = z.array(run).safeParse(parsed);
  if (!read.success) {
    return {
      because: `not a result of vLLM's bench: ${problemOf(read.error)}`,
      fix: "write it with vllm bench serve --save-result --save-detailed",
    };
  }
  return read.data.map(importedRun);
}

function importedRun(one: Run): ImportedRun {
  const perSecond = one.request_rate === "inf" ? null : one.request_rate;
  const sent = sentOf(one, perSecond);
  if (perSecond === null) {
    const because = "all requests were sent at once, which is no load that anybody has";
    return {
      tool: TOOL,
      perSecond: null,
      grade: "C",
      because,
      found: { kind: "sums", sums: sumsOf(one) },
    };
  }
  const limit = one.max_concurrency ?? null;
  if (limit !== null || sent === null) {
    const because =
      limit === null
        ? "it has sums alone (--save-detailed has the requests)"
        : `at most ${limit} requests were under way, and the wait of the others is not in it`;
    return {
      tool: TOOL,
      perSecond,
      grade: "C",
      because,
      found: { kind: "sums", sums: sumsOf(one) },
    };
  }
  return runOf(TOOL, sent, perSecond);
}

/** Null where the file has no requests. */
function sentOf(one: Run, perSecond: number | null): readonly Sent[] | null {
  const {
    ttfts,
    itls,
    errors,
    input_lens: inputs,
    output_lens: outputs,
    start_times: starts,
  } = one;
  if (ttfts === undefined || itls === undefined || ttfts.length !== itls.length) return null;
  const [first = 0] = starts ?? [];
  return ttfts.map((ttft, at): Sent => {
    // In the order in which they were sent, where nobody says when.
    const sentMs =
      starts === undefined
        ? (1_000 * at) / (perSecond ?? 1)
        : 1_000 * ((starts[at] ?? first) - first);
    const hasFailed = (errors?.[at] ?? "") !== "" || (ttft === 0 && (outputs?.[at] ?? 0) === 0);
    const gaps = (itls[at] ?? []).reduce((sum, gap) => sum + gap, 0);
    return {
      dueMs: null,
      sentMs,
      firstMs: hasFailed ? null : sentMs + 1_000 * ttft,
      lastMs: hasFailed ? null : sentMs + 1_000 * (ttft + gaps),
      promptTokens: inputs?.[at] ?? 0,
      outputTokens: outputs?.[at] ?? null,
    };
  });
}

function sumsOf({ num_prompts: requests, completed, ...p99 }: Run) {
  return {
    requests,
    failed: Math.max(0, requests - completed),
    totalMs: p99.p99_e2el_ms ?? null,
    ttftMs: p99.p99_ttft_ms ?? null,
    tpotMs: p99.p99_tpot_ms ?? null,
  };
}
