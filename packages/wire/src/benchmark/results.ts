// Results of other tools, told apart by their shape: promptfoo's JSON, Inspect's JSON log, and the samples or the
// results of lm-evaluation-harness. What is none of them, or proves nothing, is refused with what is wrong.

import type { Imported } from "@slipway/core";
import { SlipwayError } from "../error.ts";
import { readInspect } from "./inspect.ts";
import { readHarnessResults, readHarnessSamples } from "./lm-eval.ts";
import { readPromptfoo } from "./promptfoo.ts";
import type { Unreadable } from "./unreadable.ts";

/** Of one file. Throws a SlipwayError that names it. */
export function importedResults(text: string, file: string): Imported {
  const parsed = parsedText(text, file);
  const imported = readingOf(parsed)?.(parsed);
  if (imported === undefined) {
    throw unusable(
      `${file} is no result that is understood`,
      "give promptfoo's JSON (version 3), Inspect's JSON log (inspect log dump), or lm-evaluation-harness's samples_*.jsonl or results_*.json",
    );
  }
  if ("because" in imported) throw unusable(`${file}: ${imported.because}`, imported.fix);
  return imported;
}

type Read = (parsed: unknown) => Imported | Unreadable;

function readingOf(parsed: unknown): Read | null {
  if (Array.isArray(parsed)) return readHarnessSamples;
  if (typeof parsed !== "object" || parsed === null) return null;
  const inner = "results" in parsed ? parsed.results : null;
  const nested = typeof inner === "object" && inner !== null && "version" in inner;
  if (nested || ("version" in parsed && "prompts" in parsed)) return readPromptfoo;
  if ("eval" in parsed && "status" in parsed) return readInspect;
  return "n-samples" in parsed || "task_hashes" in parsed ? readHarnessResults : null;
}

/** JSON, or an array of the lines of JSONL. */
export function parsedText(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (whole) {
    const lines = text.split("\n").filter((line) => line.trim() !== "");
    try {
      return lines.map((line): unknown => JSON.parse(line));
    } catch {
      const why = whole instanceof Error ? whole.message : String(whole);
      const fix = text.startsWith("PK")
        ? "an .eval file is an archive: write it as JSON with inspect log dump"
        : "export it again";
      throw unusable(`${file} is not JSON: ${why.slice(0, 120)}`, fix);
    }
  }
}

export function unusable(message: string, fix: string): SlipwayError {
  return new SlipwayError({ code: "results_unusable", status: 400, message, fix });
}
