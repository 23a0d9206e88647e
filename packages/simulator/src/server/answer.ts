// An answer in the OpenAI API's formats. A server drives one of two writers, streaming or not, token by
// token; neither knows where the tokens come from.
import type { EngineUsage } from "../engine/sequence.ts";
import { type ApiError, envelopeOf, sendError, sendJson } from "./api-error.ts";
import type { Call } from "./call.ts";
import type { Reply } from "./exchange.ts";

export type Finish = "stop" | "length" | "content_filter";

export type AnswerWriter = {
  readonly token: (text: string) => void;
  readonly done: (finish: Finish, usage: EngineUsage) => void;
  /** Ends the answer with an error: an event inside a stream, or a whole error answer. */
  readonly fail: (error: ApiError) => void;
};

export type AnswerHead = {
  readonly call: Call;
  readonly id: string;
  readonly createdSeconds: number;
  readonly refused: boolean;
  readonly headers: { readonly [name: string]: string };
};

export function answerWriter(reply: Reply, head: AnswerHead): AnswerWriter {
  return head.call.stream ? streamWriter(reply, head) : jsonWriter(reply, head);
}

function jsonWriter(reply: Reply, head: AnswerHead): AnswerWriter {
  const texts: string[] = [];
  return {
    token: (text) => texts.push(text),
    done: (finish, usage) => {
      const text = texts.join("");
      const body = {
        ...common(head, false),
        choices: [fullChoice(head, text, finish)],
        usage: usageOf(usage),
      };
      sendJson(reply, 200, JSON.stringify(body), head.headers);
    },
    fail: (error) => sendError(reply, error, head.headers),
  };
}

function streamWriter(reply: Reply, head: AnswerHead): AnswerWriter {
  const isChat = head.call.api === "chat";
  // With include_usage every chunk has the field, and it is null until the last one.
  const base = { ...common(head, true), ...(head.call.includeUsage ? { usage: null } : {}) };
  let started = false;
  const event = (data: string): void => reply.chunk(`data: ${data}\n\n`);
  const choice = (fields: object, finish: Finish | null): void =>
    event(
      JSON.stringify({
        ...base,
        choices: [{ index: 0, ...fields, logprobs: null, finish_reason: finish }],
      }),
    );
  const start = (): void => {
    if (started) return;
    started = true;
    reply.head(200, { ...head.headers, "content-type": "text/event-stream; charset=utf-8" });
    if (isChat) choice({ delta: { role: "assistant", content: "" } }, null);
  };
  return {
    token: (text) => {
      start();
      choice(isChat ? { delta: { [head.refused ? "refusal" : "content"]: text } } : { text }, null);
    },
    done: (finish, usage) => {
      start();
      choice(isChat ? { delta: {} } : { text: "" }, finish);
      if (head.call.includeUsage) {
        event(JSON.stringify({ ...base, choices: [], usage: usageOf(usage) }));
      }
      event("[DONE]");
      reply.end();
    },
    fail: (error) => {
      if (!started) return sendError(reply, error, head.headers);
      event(envelopeOf(error));
      reply.end();
    },
  };
}

function common(head: AnswerHead, chunk: boolean): object {
  const { call, id, createdSeconds } = head;
  const object =
    call.api === "chat" ? `chat.completion${chunk ? ".chunk" : ""}` : "text_completion";
  return { id, object, created: createdSeconds, model: call.model, system_fingerprint: null };
}

function fullChoice(head: AnswerHead, text: string, finish: Finish): object {
  if (head.call.api === "completions")
    return { index: 0, text, logprobs: null, finish_reason: finish };
  const message = head.refused
    ? { role: "assistant", content: null, refusal: text }
    : { role: "assistant", content: text, refusal: null };
  return { index: 0, message, logprobs: null, finish_reason: finish };
}

function usageOf(usage: EngineUsage): object {
  return {
    prompt_tokens: usage.promptTokens,
    completion_tokens: usage.outputTokens,
    total_tokens: usage.promptTokens + usage.outputTokens,
    prompt_tokens_details: { cached_tokens: usage.cachedTokens },
  };
}
