// What is read of the chat API's bodies: completions, pieces of a stream, and the envelope of an error.

import { z } from "zod";
import type { Answer, Rejection, ToolCall } from "../ask.ts";

/** What an answer says, or a piece of it; calls with their place among the answer's calls. */
export type AnswerParts = Pick<
  Answer,
  "text" | "refusal" | "finishReason" | "usage" | "servedModel" | "backend"
> & {
  readonly toolCalls: readonly (ToolCall & { readonly index: number })[];
};

const usage = z.object({
  prompt_tokens: z.number(),
  completion_tokens: z.number(),
  prompt_tokens_details: z.object({ cached_tokens: z.number().nullish() }).nullish(),
});

const said = z.object({
  content: z.string().nullish(),
  refusal: z.string().nullish(),
  tool_calls: z
    .array(
      z.object({
        index: z.number().optional(),
        function: z
          .object({ name: z.string().nullish(), arguments: z.string().nullish() })
          .nullish(),
      }),
    )
    .nullish(),
});

/** Names of a server's own; longer ones are cut. */
const NAME_LENGTH_MAX = 200;
const name = z
  .string()
  .transform((text) => text.slice(0, NAME_LENGTH_MAX))
  .nullish()
  .catch(null);
const identity = { model: name, system_fingerprint: name };

const completion = z.object({
  ...identity,
  choices: z.array(z.object({ message: said, finish_reason: z.string().nullish() })).min(1),
  usage: usage.nullish(),
});

const chunk = z.object({
  ...identity,
  choices: z.array(z.object({ delta: said, finish_reason: z.string().nullish() })),
  usage: usage.nullish(),
});

/** Null where it is no completion of the chat API. */
export function partsOfCompletion(text: string): AnswerParts | null {
  const parsed = completion.safeParse(jsonOf(text));
  if (!parsed.success) return null;
  const [choice] = parsed.data.choices;
  return partsOf(choice?.message ?? {}, choice?.finish_reason, parsed.data);
}

/** Null where it is no piece of a completion, or an error inside of a stream. */
export function partsOfChunk(text: string): AnswerParts | null {
  const parsed = chunk.safeParse(jsonOf(text));
  if (!parsed.success) return null;
  const [choice] = parsed.data.choices;
  return partsOf(choice?.delta ?? {}, choice?.finish_reason, parsed.data);
}

function partsOf(
  { content, refusal, tool_calls: calls }: z.infer<typeof said>,
  finishReason: string | null | undefined,
  { usage: counts, model, system_fingerprint: backend }: Omit<z.infer<typeof chunk>, "choices">,
): AnswerParts {
  return {
    text: content ?? "",
    refusal: refusal ?? null,
    toolCalls: (calls ?? []).map((call, place) => ({
      index: call.index ?? place,
      name: call.function?.name ?? "",
      arguments: call.function?.arguments ?? "",
    })),
    finishReason: finishReason ?? null,
    ...(model ? { servedModel: model } : {}),
    ...(backend ? { backend } : {}),
    usage:
      counts === null || counts === undefined
        ? null
        : {
            promptTokens: counts.prompt_tokens,
            completionTokens: counts.completion_tokens,
            cachedTokens: counts.prompt_tokens_details?.cached_tokens ?? 0,
          },
  };
}

/** A word that an envelope may name: anything longer could be the server's own text. */
const WORD = /^[\w.[\]-]{1,64}$/;
const word = z.string().regex(WORD).nullish().catch(null);
const envelope = z.object({ error: z.object({ code: word, type: word, param: word }) });

export function rejectionOf(status: number, text: string): Omit<Rejection, "totalMs"> {
  const parsed = envelope.safeParse(jsonOf(text));
  const error = parsed.success ? parsed.data.error : null;
  return {
    kind: "rejection",
    status,
    code: error?.code ?? error?.type ?? null,
    parameter: error?.param ?? null,
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
