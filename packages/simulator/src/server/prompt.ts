// From a call to what the engine is asked to do: how long the prompt and the answer are for this version's
// tokenizer, and which cached beginnings the prompt may meet.
import { murmur3 } from "@slipway/core";
import { type PromptSpan, spanBlockKeys, textBlockKeys } from "../engine/prefix.ts";
import type { EngineRequest } from "../engine/sequence.ts";
import { type SimulatedVersion, tokensOf } from "../version.ts";
import { type ApiError, apiError } from "./api-error.ts";
import type { Call } from "./call.ts";

export type Prompt = {
  readonly request: EngineRequest;
  /** Chooses the replica; undefined when nothing of the prompt can be cached. */
  readonly affinity: number | undefined;
  /** Seeds the text of the answer: the same prompt gets the same answer. */
  readonly seed: number;
  readonly finish: "stop" | "length";
};

// An answer nobody gave a length has the median length of the recorded code completions or so.
const OUTPUT_TOKENS_DEFAULT = 16;

export function readPrompt(version: SimulatedVersion, call: Call): Prompt | ApiError {
  const promptTokens = countPrompt(version, call);
  const wanted = Math.max(
    1,
    Math.round((call.hints.outputTokens ?? OUTPUT_TOKENS_DEFAULT) * version.outputFactor),
  );
  const limit = call.outputTokensMax ?? wanted;
  const outputTokens = call.ignoreEos ? limit : Math.min(wanted, limit);
  const total = promptTokens + (call.outputTokensMax ?? outputTokens);
  if (total > version.contextTokensMax) {
    return apiError(
      400,
      `This model's maximum context length is ${version.contextTokensMax} tokens. However, you requested ` +
        `${total} tokens (${promptTokens} in the messages). Please reduce the length of the messages.`,
      { code: "context_length_exceeded", param: "messages" },
    );
  }
  const { blockTokens } = version.engine;
  const spans = call.hints.prefix === undefined ? undefined : readSpans(version, call.hints.prefix);
  const prefixKeys =
    spans === undefined
      ? textBlockKeys(call.prompt, version.charactersPerToken, blockTokens)
      : spanBlockKeys(spans, blockTokens);
  const blocksMax = Math.floor(promptTokens / blockTokens);
  return {
    request: { promptTokens, outputTokens, prefixKeys: prefixKeys.slice(0, blocksMax) },
    affinity: affinityOf(spans, prefixKeys),
    seed: murmur3(call.prompt.slice(-1000), promptTokens),
    finish: outputTokens < wanted ? "length" : "stop",
  };
}

function countPrompt(version: SimulatedVersion, call: Call): number {
  if (call.hints.promptTokens !== undefined) return tokensOf(version, call.hints.promptTokens);
  return Math.max(1, Math.ceil(call.prompt.length / version.charactersPerToken));
}

function readSpans(version: SimulatedVersion, prefix: string): PromptSpan[] {
  const spans: PromptSpan[] = [];
  for (const part of prefix.split(",")) {
    const colon = part.lastIndexOf(":");
    const tokens = Number(part.slice(colon + 1));
    if (colon < 1 || !Number.isInteger(tokens) || tokens < 1) continue;
    spans.push({ key: part.slice(0, colon), tokens: tokensOf(version, tokens) });
  }
  return spans;
}

/** The last shared span says where the prompt is at home: the first one, a system prompt, is everybody's. */
function affinityOf(
  spans: readonly PromptSpan[] | undefined,
  keys: readonly number[],
): number | undefined {
  const last = spans?.at(-1);
  if (last !== undefined) return murmur3(last.key);
  return keys[0];
}
