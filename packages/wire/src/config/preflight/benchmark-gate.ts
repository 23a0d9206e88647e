// The gate `benchmark` as slipway.yaml writes it: data sets that both versions answer, or what another tool found.

import { z } from "zod";
import { count, duration, number, share } from "../fields/field.ts";
import { nameField } from "../fields/name-field.ts";
import { type JudgeModel, judgeFields, judgeOf } from "./judge-fields.ts";

export type ImportedResults = { readonly stable: string; readonly candidate: string };

export type BenchmarkGate = {
  /** JSONL files, one item a line. */
  readonly data: readonly string[];
  /** What another tool found of each version. */
  readonly results: readonly ImportedResults[];
  readonly margin: number;
  readonly alpha: number;
  readonly discordance: number;
  readonly outputTokensMax: number;
  readonly temperature: number;
  readonly concurrency: number;
  readonly timeoutMs: number;
  /** How many times stable's the candidate's whole answers may take; null for any. */
  readonly slowerMax: number | null;
  readonly judge: JudgeModel | null;
};

const FILES_MAX = 50;
const HOUR_MS = 3_600_000;

const judge = z
  .strictObject(judgeFields)
  .meta({
    title: "the judge",
    description: "A model that compares answers, for items that ask for one.",
  })
  .transform(judgeOf);

const results: z.ZodType<ImportedResults> = z
  .strictObject({
    stable: nameField("The file with stable's results."),
    candidate: nameField("The file with the candidate's, of the same items."),
  })
  .meta({ title: "results of another tool" });

export const benchmarkGate: z.ZodType<BenchmarkGate> = z
  .strictObject({
    data: z
      .array(nameField("A JSONL file, relative to the folder of this file."))
      .max(FILES_MAX)
      .meta({ description: "Data sets: JSONL, one item a line. Both versions answer every item." })
      .prefault([]),
    results: z
      .array(results)
      .max(FILES_MAX)
      .meta({
        description:
          "What promptfoo (JSON), Inspect (JSON) or lm-evaluation-harness (samples or results) found of both versions.",
      })
      .prefault([]),
    margin: share("The share of right answers that the candidate may have less.", {
      min: 0.001,
      max: 0.5,
    }).prefault("5%"),
    "false-alarm": share("The chance that a version which is no worse fails.", {
      min: 0.001,
      max: 0.2,
    }).prefault("5%"),
    discordance: share(
      "Share of items on which the versions are expected to differ. States the number of items needed.",
      { min: 0.001, max: 1 },
    ).prefault("10%"),
    "output-tokens-max": count("max_tokens of every request.", {
      min: 1,
      max: 1_000_000,
    }).prefault(1024),
    temperature: number("temperature of every request.", { min: 0, max: 2 }).prefault(0),
    concurrency: count("Items in flight at once.", { min: 1, max: 256 }).prefault(4),
    timeout: duration("An answer that takes longer is none.", {
      min: 1_000,
      max: HOUR_MS,
    }).prefault("60s"),
    "slower-max": number("How many times stable's the candidate's whole answers may take.", {
      min: 0.1,
      max: 1_000,
    }).optional(),
    judge: judge.optional(),
  })
  .meta({
    title: "the gate benchmark",
    description: "Both versions answer the same items; the candidate must be no worse.",
  })
  .transform(
    (gate): BenchmarkGate => ({
      data: gate.data,
      results: gate.results,
      margin: gate.margin,
      alpha: gate["false-alarm"],
      discordance: gate.discordance,
      outputTokensMax: gate["output-tokens-max"],
      temperature: gate.temperature,
      concurrency: gate.concurrency,
      timeoutMs: gate.timeout,
      slowerMax: gate["slower-max"] ?? null,
      judge: gate.judge ?? null,
    }),
  );

/** As a file sets it up that names no data: for items of lessons alone. */
export const ITEMS_OF_LESSONS: BenchmarkGate = benchmarkGate.parse({});
