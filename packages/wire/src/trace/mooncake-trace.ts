// Recorded traffic as the Mooncake traces have it: a JSON object a line, with the blocks that each prompt begins with, so
// that what was shared between requests is known. AIPerf's fixed schedules and vLLM's timed traces are the same.

import type { TracedRequest } from "@slipway/core";
import { z } from "zod";
import { SlipwayError } from "../error.ts";

const TOKENS_MAX = 1e9;

const tokens = z.number().int().min(0).max(TOKENS_MAX);

const line = z.object({
  /** Milliseconds since the trace began. */
  timestamp: z.number().min(0),
  input_length: tokens,
  output_length: tokens,
  hash_ids: z.array(z.number().int()).default([]),
});

/** Reads a trace; times count from its first request. Throws SlipwayError `trace_invalid` with file:line. */
export function parseMooncakeTrace(text: string, file: string): readonly TracedRequest[] {
  const rows = text.split(/\r?\n/).flatMap((json, index): TracedRequest[] => {
    return json.trim() === "" ? [] : [parseLine(json, file, index + 1)];
  });
  if (rows.length === 0) fail(file, 1, "there are no requests");
  rows.sort((a, b) => a.atMs - b.atMs);
  const startMs = rows[0]?.atMs ?? 0;
  return rows.map((row) => ({ ...row, atMs: row.atMs - startMs }));
}

function parseLine(json: string, file: string, number: number): TracedRequest {
  const read = line.safeParse(parsed(json, file, number));
  if (!read.success) {
    const issue = read.error.issues[0];
    fail(file, number, `${issue?.path.join(".") || "the line"}: ${issue?.message ?? "unreadable"}`);
  }
  const { timestamp, input_length, output_length, hash_ids } = read.data;
  return {
    atMs: timestamp,
    promptTokens: Math.max(1, input_length),
    outputTokens: Math.max(1, output_length),
    blocks: hash_ids,
  };
}

function parsed(json: string, file: string, number: number): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return fail(file, number, "this is not JSON");
  }
}

function fail(file: string, number: number, problem: string): never {
  throw new SlipwayError({
    code: "trace_invalid",
    status: 400,
    message: `${file}:${number}: ${problem}`,
    fix: 'A trace has a JSON object a line, like {"timestamp":27482,"input_length":6955,"output_length":52,"hash_ids":[46,47]}; times are in milliseconds.',
  });
}
