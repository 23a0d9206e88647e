// The probes of a watch for drift, from files of prompts: a bounded number, each one as a line that says all of its request, so
// that whoever asks it needs no file.

import type { DriftProbe, Json } from "@slipway/core";
import { DRIFT_PROBE_LENGTH_MAX, DRIFT_PROBES_MAX, SlipwayError } from "@slipway/wire";
import type { Prompt } from "../prompts/prompt.ts";
import { type PromptText, readPrompts } from "../prompts/prompt-file.ts";

const PROBES_DEFAULT = 20;
/** Where a prompt does not say: short answers are told apart as well as long ones, and more of them are alike. */
const OUTPUT_TOKENS = 64;

/** Up to the most where the team chose them; of its prompts, some from all over the files. */
export function probesFrom(texts: readonly PromptText[], isChosen: boolean): readonly DriftProbe[] {
  const prompts = readPrompts(texts);
  if (isChosen && prompts.length > DRIFT_PROBES_MAX) {
    throw unusable(
      `${prompts.length} probes are more than ${DRIFT_PROBES_MAX}: each look asks every one`,
      "keep those that tell most",
    );
  }
  return (isChosen ? prompts : spread(prompts, PROBES_DEFAULT)).map(probeOf);
}

/** As they are asked. */
export function promptsOf(probes: readonly DriftProbe[]): readonly Prompt[] {
  return readPrompts([{ file: "probes.jsonl", text: probes.map(({ line }) => line).join("\n") }]);
}

function spread<T>(items: readonly T[], max: number): readonly T[] {
  const step = Math.max(1, items.length / max);
  return items.filter((_, index) => Math.floor(index / step) !== Math.floor((index - 1) / step));
}

function probeOf({ id, body, expect }: Prompt): DriftProbe {
  const { messages = [], ...request } = body;
  const isLimited = "max_tokens" in request || "max_completion_tokens" in request;
  const entry: { readonly [key: string]: Json } = {
    id,
    messages,
    request: { temperature: 0, ...(isLimited ? {} : { max_tokens: OUTPUT_TOKENS }), ...request },
    expect: {
      ...(expect.json === null ? {} : { json: expect.json }),
      ...(expect.toolCall === null ? {} : { "tool-call": expect.toolCall }),
      markers: [...expect.markers],
      finish: [...expect.finish],
    },
  };
  const line = JSON.stringify(entry);
  if (line.length <= DRIFT_PROBE_LENGTH_MAX) return { id, line };
  throw unusable(
    `the probe ${id} has ${line.length} characters, and at most ${DRIFT_PROBE_LENGTH_MAX} are kept`,
    "name shorter ones as probes: under drift",
  );
}

function unusable(message: string, fix: string): SlipwayError {
  return new SlipwayError({ code: "probes_unusable", status: 400, message, fix });
}
