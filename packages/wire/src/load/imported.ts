// Load results of other tools, told apart by their shape: vLLM's bench, GuideLLM, and AIPerf or GenAI-Perf, request by
// request or in sums. What is none of them is refused with what is wrong.

import type { ImportedRun } from "@slipway/core";
import { parsedText, unusable } from "../benchmark/results.ts";
import type { Unreadable } from "../benchmark/unreadable.ts";
import { readAiperfRecords, readAiperfSums } from "./aiperf.ts";
import { readGuideLlm } from "./guidellm.ts";
import { readVllmBench } from "./vllm-bench.ts";

/** Of one file: a run for each rate. Throws a SlipwayError that names it. */
export function importedLoad(text: string, file: string): readonly ImportedRun[] {
  const parsed = parsedText(text, file);
  const runs = readingOf(parsed)?.(parsed);
  if (runs === undefined) {
    throw unusable(
      `${file} is no load result that is understood`,
      "give vLLM's bench JSON (--save-result --save-detailed), GuideLLM's benchmarks.json, AIPerf's profile_export.jsonl or profile_export_aiperf.json",
    );
  }
  if ("because" in runs) throw unusable(`${file}: ${runs.because}`, runs.fix);
  return runs;
}

type Read = (parsed: unknown) => readonly ImportedRun[] | Unreadable;

function readingOf(parsed: unknown): Read | null {
  if (Array.isArray(parsed)) {
    // `--append-result` writes a line for each run.
    const [first] = parsed;
    return isVllm(first) ? readVllmBench : readAiperfRecords;
  }
  if (typeof parsed !== "object" || parsed === null) return null;
  if ("benchmarks" in parsed) return readGuideLlm;
  if (isVllm(parsed)) return (one) => readVllmBench([one]);
  // JSONL of one line.
  if ("metadata" in parsed && "metrics" in parsed) return (one) => readAiperfRecords([one]);
  return "request_latency" in parsed && "request_throughput" in parsed ? readAiperfSums : null;
}

function isVllm(parsed: unknown): boolean {
  if (typeof parsed !== "object" || parsed === null) return false;
  return "request_rate" in parsed && "num_prompts" in parsed;
}
