// The gate `prompts` as slipway.yaml writes it: the team's own prompts, asked of both versions.

import { z } from "zod";
import { count, duration, flag, number, share } from "../fields/field.ts";
import { nameField } from "../fields/name-field.ts";

export type PromptsGate = {
  /** JSONL or YAML, relative to the folder of slipway.yaml; none where lessons alone ask for the gate. */
  readonly files: readonly string[];
  readonly concurrency: number;
  readonly timeoutMs: number;
  readonly stream: boolean;
  /** At most this chance that a candidate that is no worse fails, over all that is tested. */
  readonly falseAlarmMax: number;
  /** Of the candidate's context window, what must be free at p99 of prompt and answer. */
  readonly headroomMin: number;
  /** Null for what the version declares, or the default. */
  readonly inputTokensRatioMax: number | null;
};

const FILES_MAX = 100;
const HOUR_MS = 3_600_000;

export const promptsGate: z.ZodType<PromptsGate> = z
  .strictObject({
    files: z.array(nameField("A file of prompts.")).min(1).max(FILES_MAX).meta({
      description:
        "Files of prompts, .jsonl or .yaml, relative to the folder of this file: system prompts, examples, requests, and what their answers must be like.",
    }),
    concurrency: count("Prompts that are asked at once.", { min: 1, max: 256 }).prefault(4),
    timeout: duration("An answer that takes longer counts as none.", {
      min: 1_000,
      max: HOUR_MS,
    }).prefault("60s"),
    stream: flag("Whether answers are asked for as streams.").prefault(false),
    "false-alarm": share(
      "Chance that a candidate that is no worse fails, over all that is tested, at most.",
      { min: 0, above: true, max: 0.2 },
    ).prefault("1%"),
    headroom: share(
      "Of the candidate's context-window, what must be free at p99 of prompt and longest answer together.",
      { min: 0, max: 0.9 },
    ).prefault("10%"),
    "input-tokens": number(
      "Tokens for the same prompts, as a multiple of stable's, at most. Default: what the version declares under expect, else 1.2.",
      { min: 0, max: 100, above: true },
    ).optional(),
  })
  .meta({
    title: "the gate prompts",
    description: "The team's own prompts, asked of both versions and compared one by one.",
  })
  .transform(
    (gate): PromptsGate => ({
      files: gate.files,
      concurrency: gate.concurrency,
      timeoutMs: gate.timeout,
      stream: gate.stream,
      falseAlarmMax: gate["false-alarm"],
      headroomMin: gate.headroom,
      inputTokensRatioMax: gate["input-tokens"] ?? null,
    }),
  );

/** As a file sets it up that says nothing but which prompts there are, and there are none but those of lessons. */
export const PROMPTS_OF_LESSONS: PromptsGate = {
  ...promptsGate.parse({ files: ["none"] }),
  files: [],
};
