// AIPerf's records of single requests (profile_export.jsonl), timed from when each was sent, and the sums of AIPerf and
// GenAI-Perf.

import { type ImportedRun, isClosedLoop } from "@slipway/core";
import { z } from "zod";
import { problemOf } from "../benchmark/shape-problem.ts";
import type { Unreadable } from "../benchmark/unreadable.ts";
import { runOf, type Sent } from "./shot.ts";

const TOOL = "AIPerf";
const NS_PER_MS = 1e6;
const CLOSED =
  "a request was sent when another had ended, so that a server that stalls is charged with nobody who waits";

const measured = z.object({ value: z.number(), unit: z.string() }).optional();

const record = z.object({
  metadata: z.object({
    request_start_ns: z.number(),
    request_end_ns: z.number(),
    benchmark_phase: z.string().default("profiling"),
    was_cancelled: z.boolean().default(false),
  }),
  metrics: z
    .object({
      time_to_first_token: measured,
      input_sequence_length: measured,
      output_sequence_length: measured,
    })
    .nullish(),
  error: z.unknown().optional(),
});

type RequestRecord = z.infer<typeof record>;

export function readAiperfRecords(parsed: unknown): readonly ImportedRun[] | Unreadable {
  const read = z.array(record).min(1).safeParse(parsed);
  if (!read.success) {
    return {
      because: `not AIPerf's records of requests: ${problemOf(read.error)}`,
      fix: "give profile_export.jsonl as aiperf profile writes it",
    };
  }
  const all = read.data.filter(({ metadata }) => metadata.benchmark_phase === "profiling");
  const startNs = all.reduce(
    (first, { metadata }) => Math.min(first, metadata.request_start_ns),
    Number.POSITIVE_INFINITY,
  );
  const sent = all.map((one) => sentOf(one, startNs));
  const run = runOf(TOOL, sent, null);
  // Whether it sent by a schedule is not in the file.
  return [isClosedLoop(sent) ? { ...run, perSecond: null, grade: "C", because: CLOSED } : run];
}

function sentOf({ metadata, metrics, error }: RequestRecord, startNs: number): Sent {
  const sentMs = (metadata.request_start_ns - startNs) / NS_PER_MS;
  const hasFailed = (error !== null && error !== undefined) || metadata.was_cancelled;
  const ttftMs = metrics?.time_to_first_token?.value ?? null;
  return {
    dueMs: null,
    sentMs,
    firstMs: hasFailed || ttftMs === null ? null : sentMs + ttftMs,
    lastMs: hasFailed ? null : (metadata.request_end_ns - startNs) / NS_PER_MS,
    promptTokens: metrics?.input_sequence_length?.value ?? 0,
    outputTokens: metrics?.output_sequence_length?.value ?? null,
  };
}

const distribution = z.object({ unit: z.literal("ms"), p99: z.number() }).nullish();
const amount = z.object({ avg: z.number() }).nullish();

const sums = z.object({
  request_latency: distribution,
  time_to_first_token: distribution,
  inter_token_latency: distribution,
  request_throughput: amount,
  request_count: amount,
  error_request_count: amount,
});

export function readAiperfSums(parsed: unknown): readonly ImportedRun[] | Unreadable {
  const read = sums.safeParse(parsed);
  if (!read.success) {
    return {
      because: `not the sums of AIPerf or GenAI-Perf: ${problemOf(read.error)}`,
      fix: "give profile_export.jsonl, which has the requests",
    };
  }
  const one = read.data;
  const completed = one.request_count?.avg ?? 0;
  const failed = one.error_request_count?.avg ?? 0;
  return [
    {
      tool: TOOL,
      // As answers came: what was to be sent is not in it.
      perSecond: one.request_throughput?.avg ?? null,
      grade: "C",
      because: "it has sums alone (profile_export.jsonl has the requests)",
      found: {
        kind: "sums",
        sums: {
          requests: completed + failed,
          failed,
          totalMs: one.request_latency?.p99 ?? null,
          ttftMs: one.time_to_first_token?.p99 ?? null,
          tpotMs: one.inter_token_latency?.p99 ?? null,
        },
      },
    },
  ];
}
