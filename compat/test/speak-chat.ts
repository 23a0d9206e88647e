// Chat completions as OpenAI answers them, whole and streamed.

import type { ServerResponse } from "node:http";
import { type Json, json, pieces, type Turn } from "./turn.ts";

const USAGE = { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12 };

export function chatCompletions(response: ServerResponse, body: Json, turn: Turn): void {
  const head = { id: "chatcmpl_1", created: 1, model: body["model"], system_fingerprint: "fp" };
  if (body["stream"] !== true) {
    json(response, {
      ...head,
      object: "chat.completion",
      choices: [
        { index: 0, message: messageOf(turn), logprobs: null, finish_reason: reasonOf(turn) },
      ],
      usage: USAGE,
    });
    return;
  }
  const send = (choices: readonly Json[], usage: Json | null): void => {
    const chunk = { ...head, object: "chat.completion.chunk", choices, usage };
    response.write(`data: ${JSON.stringify(chunk)}\n\n`);
  };
  const delta = (fields: Json, finish: string | null = null): void =>
    send([{ index: 0, delta: fields, logprobs: null, finish_reason: finish }], null);
  response.writeHead(200, { "content-type": "text/event-stream" });
  delta({ role: "assistant", content: turn.kind === "call" ? null : "" });
  if (turn.kind === "call") for (const part of callParts(turn)) delta({ tool_calls: [part] });
  else if (turn.kind === "stall") delta({ content: turn.words[0] });
  else for (const content of pieces(turn.words)) delta({ content });
  if (turn.kind === "stall") return;
  delta({}, reasonOf(turn));
  const options = body["stream_options"] as Json | undefined;
  if (options?.["include_usage"] === true) send([], USAGE);
  response.end("data: [DONE]\n\n");
}

function reasonOf(turn: Turn): string {
  return turn.kind === "call" ? "tool_calls" : "stop";
}

function messageOf(turn: Turn): Json {
  if (turn.kind !== "call") {
    return { role: "assistant", content: turn.words.join(" "), refusal: null };
  }
  const { id, input, tool } = turn;
  const call = { id, type: "function", function: { name: tool, arguments: JSON.stringify(input) } };
  return { role: "assistant", content: null, refusal: null, tool_calls: [call] };
}

/** The arguments come in two halves, as they do. */
function callParts({ id, input, tool }: Turn & { readonly kind: "call" }): readonly Json[] {
  const text = JSON.stringify(input);
  const half = Math.floor(text.length / 2);
  return [
    { index: 0, id, type: "function", function: { name: tool, arguments: "" } },
    { index: 0, function: { arguments: text.slice(0, half) } },
    { index: 0, function: { arguments: text.slice(half) } },
  ];
}
