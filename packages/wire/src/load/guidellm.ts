// GuideLLM's benchmarks.json: a benchmark for each rate, with when each request was to start, started and ended.

import type { ImportedRun } from "@slipway/core";
import { z } from "zod";
import { problemOf } from "../benchmark/shape-problem.ts";
import type { Unreadable } from "../benchmark/unreadable.ts";
import { runOf, type Sent } from "./shot.ts";

const TOOL = "GuideLLM";
const seconds = z.number().nullish();
const tokens = z.number().nonnegative().nullish();

const request = z.object({
  info: z.object({
    timings: z.object({
      targeted_start: seconds,
      request_start: seconds,
      first_token_iteration: seconds,
      request_end: seconds,
    }),
  }),
  prompt_tokens: tokens,
  output_tokens: tokens,
});

const benchmark = z.object({
  config: z.object({ strategy: z.object({ type_: z.string() }) }),
  metrics: z
    .object({ request_totals: z.object({ total: z.number().nonnegative() }).nullish() })
    .optional(),
  requests: z.object({
    successful: z.array(request),
    errored: z.array(request),
    incomplete: z.array(request).default([]),
  }),
});

const report = z.object({ benchmarks: z.array(benchmark).min(1) });

type Benchmark = z.infer<typeof benchmark>;

/** Those that send by a schedule; the others send when there is a place. */
const SCHEDULED = ["constant", "async_constant", "poisson", "async_poisson", "trace"];

export function readGuideLlm(parsed: unknown): readonly ImportedRun[] | Unreadable {
  const read = report.safeParse(parsed);
  if (!read.success) {
    return {
      because: `not GuideLLM's benchmarks with their requests: ${problemOf(read.error)}`,
      fix: "write benchmarks.json with a current GuideLLM, requests included",
    };
  }
  return read.data.benchmarks.map(importedRun);
}

function importedRun({ config, metrics, requests }: Benchmark): ImportedRun {
  const isScheduled = SCHEDULED.includes(config.strategy.type_);
  const { successful, errored, incomplete } = requests;
  const kept = successful.length + errored.length + incomplete.length;
  const total = metrics?.request_totals?.total ?? kept;
  // What was still under way when the benchmark ended says how long it took to nobody.
  const all = [
    ...successful.map((one) => ({ ...one, ok: true })),
    ...errored.map((one) => ({ ...one, ok: false })),
  ];
  const startedAt = all.reduce(
    (first, { info }) => Math.min(first, info.timings.request_start ?? first),
    Number.POSITIVE_INFINITY,
  );
  const sent = all.flatMap(({ info, ok, ...counts }): Sent[] => {
    const { targeted_start: due, request_start: start, request_end: end } = info.timings;
    const at = (time: number | null | undefined): number | null =>
      time === null || time === undefined ? null : 1_000 * (time - startedAt);
    const sentMs = at(start ?? due);
    if (sentMs === null) return [];
    return [
      {
        dueMs: isScheduled ? at(due) : null,
        sentMs,
        firstMs: ok ? at(info.timings.first_token_iteration) : null,
        lastMs: ok ? at(end) : null,
        promptTokens: counts.prompt_tokens ?? 0,
        outputTokens: counts.output_tokens ?? null,
      },
    ];
  });
  const run = runOf(TOOL, sent, null);
  const why = doubtOf(isScheduled, config.strategy.type_, kept, total);
  return why === null
    ? run
    : { ...run, grade: "C", because: why, perSecond: isScheduled ? run.perSecond : null };
}

function doubtOf(isScheduled: boolean, type: string, kept: number, total: number): string | null {
  if (!isScheduled)
    return `its strategy ${type} sends when there is a place, and not by a schedule`;
  return kept < total ? `it has ${kept} of ${total} requests, which somebody chose` : null;
}
