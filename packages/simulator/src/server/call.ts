// What a model server understands of a completion request: read from its JSON, or an error in the API's terms.
// Fields it does not simulate (temperature, stop, tools, …) are accepted and have no effect.
import { type ApiError, apiError } from "./api-error.ts";

export type Call = {
  readonly api: "chat" | "completions";
  readonly model: string;
  /** All prompt text in order; what is not text does not count. */
  readonly prompt: string;
  readonly stream: boolean;
  readonly includeUsage: boolean;
  /** The caller's limit on the answer, in tokens. */
  readonly outputTokensMax: number | undefined;
  /** Has the answer go on until that limit, as vLLM and others do. */
  readonly ignoreEos: boolean;
  readonly hints: CallHints;
  /** Names of the body's parameters. */
  readonly parameters: readonly string[];
};

/** Simulation hints, sent as strings in the body's `metadata`; only a simulated server looks at them. */
type CallHints = {
  /** `sim_prompt_tokens`: length of the prompt in reference tokens, so that no long text needs sending. */
  readonly promptTokens: number | undefined;
  /** `sim_output_tokens`: length of the answer in reference tokens. */
  readonly outputTokens: number | undefined;
  /** `sim_prefix`: "key:tokens,key:tokens", the beginning that the prompt shares with others. */
  readonly prefix: string | undefined;
  /** `sim_language`: the language being written, for refusals. */
  readonly language: string | undefined;
};

/** A JSON object from outside: any of the fields that are looked at may be there, and be anything. */
type Json = {
  readonly [field in
    | "model"
    | "messages"
    | "prompt"
    | "role"
    | "content"
    | "text"
    | "stream"
    | "stream_options"
    | "include_usage"
    | "max_tokens"
    | "ignore_eos"
    | "max_completion_tokens"
    | "n"
    | "metadata"
    | "sim_prompt_tokens"
    | "sim_output_tokens"
    | "sim_prefix"
    | "sim_language"]?: unknown;
};

export type ReadCall =
  | { readonly ok: true; readonly call: Call }
  | { readonly ok: false; readonly error: ApiError };

export function readCall(api: Call["api"], body: string): ReadCall {
  const json = parseObject(body);
  if (json === undefined) return refuse("We could not parse the JSON body of your request.");
  const model = json.model;
  if (typeof model !== "string") return refuse("you must provide a model parameter", "model");
  const prompt = api === "chat" ? chatText(json.messages) : promptText(json.prompt);
  if (prompt === undefined) {
    const name = api === "chat" ? "messages" : "prompt";
    return refuse(`Missing or invalid parameter: '${name}'.`, name);
  }
  const limit = json.max_completion_tokens ?? json.max_tokens ?? undefined;
  if (limit !== undefined && !isCount(limit)) {
    return refuse("max_tokens must be an integer of at least 1.", "max_tokens");
  }
  if ((json.n ?? 1) !== 1) return refuse("This model answers with one choice only.", "n");
  const options = asObject(json.stream_options);
  return {
    ok: true,
    call: {
      api,
      model,
      prompt,
      stream: json.stream === true,
      includeUsage: options?.include_usage === true,
      outputTokensMax: limit,
      ignoreEos: json.ignore_eos === true,
      hints: readHints(asObject(json.metadata) ?? {}),
      parameters: Object.keys(json),
    },
  };
}

function refuse(message: string, param?: string): ReadCall {
  return { ok: false, error: apiError(400, message, param === undefined ? {} : { param }) };
}

function parseObject(text: string): Json | undefined {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function asObject(value: unknown): Json | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return value as Json;
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 1;
}

function chatText(messages: unknown): string | undefined {
  if (!Array.isArray(messages) || messages.length === 0) return undefined;
  const texts: string[] = [];
  for (const message of messages) {
    const object = asObject(message);
    if (object === undefined || typeof object.role !== "string") return undefined;
    texts.push(contentText(object.content));
  }
  return texts.join("\n");
}

function contentText(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content
    .map((part) => asObject(part)?.text)
    .filter((text) => typeof text === "string")
    .join("\n");
}

function promptText(prompt: unknown): string | undefined {
  if (typeof prompt === "string") return prompt;
  if (!Array.isArray(prompt) || prompt.length !== 1) return undefined;
  const [only] = prompt as unknown[];
  return typeof only === "string" ? only : undefined;
}

function readHints(metadata: Json): CallHints {
  return {
    promptTokens: countHint(metadata.sim_prompt_tokens),
    outputTokens: countHint(metadata.sim_output_tokens),
    prefix: textHint(metadata.sim_prefix),
    language: textHint(metadata.sim_language),
  };
}

function countHint(value: unknown): number | undefined {
  const count = typeof value === "string" ? Number(value) : Number.NaN;
  return isCount(count) ? count : undefined;
}

function textHint(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
